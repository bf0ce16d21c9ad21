/**
 * Forms that a page of another origin submits (CSRF). SameSite=Lax, the default, keeps the cookie from other sites, but another
 * port of this host and another subdomain are the same site: their forms would carry it.
 */
import type { RequestHandler } from "express";

/**
 * Answers them with 403. Browsers say who asks in Sec-Fetch-Site, or, over plain http, in Origin. A request without both
 * comes from no browser's page, so no one's cookies are misused.
 */
export const refuseForeignPosts: RequestHandler = ({ method, headers }, response, next) => {
  const { "sec-fetch-site": site, origin, host } = headers;
  const isOwn =
    site === undefined
      ? origin === undefined || URL.parse(origin)?.host === host
      : site === "same-origin" || site === "none";
  if (isOwn || method === "GET" || method === "HEAD") return next();
  response.status(403).send("This form belongs to another site. Open this site's own page and try again.");
};

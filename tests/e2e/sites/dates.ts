/** A page that sets a cookie for each date and each age of `tests/protocol/cookie-dates.ts`; its clock may be wrong. */
import { createServer } from "node:http";
import { COOKIE_DATES, fillDate, MAX_AGES } from "../../protocol/cookie-dates.ts";

const day = new Date(Number(process.env["DAY"]));
const aheadMs = Number(process.env["AHEAD_MS"] ?? 0);
const HOUR_MS = 3_600_000;

const fromNow = (ms: number) => new Date(Date.now() + aheadMs + ms).toUTCString();

/** What each page sets. */
const PAGES: Record<string, () => string[]> = {
  "/before": () => [
    ...COOKIE_DATES.map((_, at) => `d${at}=before; Path=/`),
    ...MAX_AGES.map((_, at) => `a${at}=before; Path=/`),
  ],
  "/dates": () => COOKIE_DATES.map(({ text }, at) => `d${at}=sent; Path=/; Expires=${fillDate(text, day)}`),
  "/ages": () => MAX_AGES.map(({ text }, at) => `a${at}=sent; Path=/; Max-Age=${text}`),
  "/in-an-hour": () => [`soon=1; Path=/; Expires=${fromNow(HOUR_MS)}`],
  // As `Date.toString()` writes it in New York, but without the time zone.
  "/new-york": () => [
    `soon=3; Path=/; Expires=${fillDate("{Www} {Mmm} {dd} {yyyy} HH GMT-0500 (EST)", new Date(Date.now() - HOUR_MS)).replace("HH", fromNow(-HOUR_MS).slice(17, 25))}`,
  ],
  "/an-hour-ago": () => [`soon=2; Path=/; Expires=${fromNow(-HOUR_MS)}`],
};

const server = createServer((request, response) => {
  response.setHeader("date", fromNow(0));
  response.setHeader("content-type", "text/html");
  response.setHeader("set-cookie", PAGES[request.url ?? ""]?.() ?? []);
  response.end("<!doctype html><title>Dates</title><h1>Dates</h1>");
});
server.listen(Number(process.env["PORT"] ?? 0), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : 0}`);
});

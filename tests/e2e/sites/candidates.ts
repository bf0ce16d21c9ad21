/** An app with an unknown session cookie: HttpOnly, named like a session, with a value of no known format. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const key = () => randomBytes(16).toString("hex");

/** What each page sets. */
const PAGES: Record<string, () => string[]> = {
  "/": () => [],
  "/sidebar": () => ["sidebar_state=open; Path=/; HttpOnly", "inside=1; Path=/; HttpOnly"],
  "/refused": () => [`app_sid=${key()}; Path=/; HttpOnly; Domain=other.localhost`],
  "/login": () => [`session-flash__session=${key()}; Path=/; HttpOnly; SameSite=Lax`],
};

const server = createServer((request, response) => {
  const path = request.url ?? "/";
  const set = PAGES[path]?.();
  response.statusCode = set ? 200 : 404;
  if (set?.length) response.setHeader("set-cookie", set);
  response.setHeader("content-type", "text/html");
  response.end(`<!doctype html><title>${path}</title><h1>${path}</h1>`);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});

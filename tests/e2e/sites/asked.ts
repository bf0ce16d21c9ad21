/**
 * A site whose address says how it responds: `set` are Set-Cookie lines, `header` other headers, `status`, `to` a redirect, `html` the
 * page. It allows every origin with credentials, and answers OPTIONS like any other method, as middleware does that ignores the method.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams: asked } = new URL(request.url ?? "/", "http://localhost");
  response.setHeader("content-type", "text/html");
  response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-headers", "x-asked");
  const lines = asked.getAll("set");
  if (lines.length > 0) response.setHeader("set-cookie", lines);
  for (const header of asked.getAll("header")) {
    const [name = "", ...rest] = header.split(":");
    response.setHeader(name, rest.join(":").trim());
  }
  const to = asked.get("to");
  if (to !== null) response.setHeader("location", to);
  response.statusCode = Number(asked.get("status") ?? (to === null ? 200 : 302));
  const sent = (request.headers.cookie ?? "").replaceAll("<", "&lt;");
  response.end(
    `<!doctype html><title>${pathname}</title>${asked.get("html") ?? ""}<pre id=sent>${sent}</pre>`,
  );
}

const server = createServer(answer);
server.listen(Number(process.env["PORT"] ?? 0), () => {
  const port = Object(server.address()).port;
  if (!process.env["SECURE"]) return console.log(`http://localhost:${port}`);
  const pem = readFileSync(new URL("self-signed.pem", import.meta.url));
  const secure = createSecureServer({ key: pem, cert: pem }, answer);
  secure.listen(0, () => console.log(`https ${Object(secure.address()).port}\nhttp://localhost:${port}`));
});

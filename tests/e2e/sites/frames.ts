/**
 * A page on `localhost` with a frame on `127.0.0.1` that contains a frame on `inner.localhost` with a session. The frame in the
 * middle is reached by a redirect from another host.
 */
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const { port } = new URL(`http://${request.headers.host}`);
  const frame = (host: string, path: string) => `<iframe src="http://${host}:${port}${path}"></iframe>`;
  const pages: Record<string, string> = {
    "/": frame("moved.localhost", "/moved"),
    "/middle": frame("inner.localhost", "/inner"),
    "/inner": "inner",
  };
  response.setHeader("content-type", "text/html");
  // In a cross-site frame, Chromium keeps the second cookie, Firefox the first.
  if (request.url === "/inner")
    response.setHeader("set-cookie", [
      "PHPSESSID=plain; Path=/; HttpOnly",
      "PHPSESSID=apart; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
    ]);
  if (request.url === "/moved") response.writeHead(302, { location: `http://127.0.0.1:${port}/middle` });
  response.end(`<!doctype html><title>Frames</title>${pages[request.url ?? ""] ?? ""}`);
});
server.listen(Number(process.env["PORT"] ?? 0), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : 0}`);
});

/** A server whose bridge has a version of the protocol that no panel knows yet. */
import { createServer } from "node:http";
import { BRIDGE_PATH } from "session-bridge/protocol";

const server = createServer((request, response) => {
  if (request.url?.startsWith(BRIDGE_PATH)) {
    const body = { protocol: 99, code: "version", message: "This bridge speaks version 99." };
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(body));
    return;
  }
  response.writeHead(200, {
    "content-type": "text/html",
    "set-cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345; HttpOnly; Max-Age=3600",
    "session-trace": "v=1;id=AAAAAAAAAAAAAAAAAAAAAA",
  });
  response.end("<!doctype html><title>Newer</title><p>Newer.");
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});

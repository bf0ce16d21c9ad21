/** Preloaded into a server: writes each call of the bridge's address that reaches it into the file `CALLS_FILE`, one a line. */
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";

const { CALLS_FILE = "" } = process.env;

subscribe("http.server.request.start", (message) => {
  const { request } = message as { request: IncomingMessage }; // node:http, diagnostics_channel
  if (request.url?.startsWith("/__sessions/"))
    appendFileSync(CALLS_FILE, `${request.method} ${request.url}\n`);
});

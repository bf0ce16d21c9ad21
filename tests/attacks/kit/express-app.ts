/** An Express app on another session library, with the bridge before it. */
import { createServer } from "node:http";
import express, { type Express } from "express";
import { openBridge, type Source } from "session-bridge/bridge";
import { listen } from "../../sources/panel-client.ts";
import { later } from "./scene.ts";

/** Starts the app and returns its address. @param use puts the library and the handlers in place */
export async function startApp(source: Source, use: (app: Express) => void): Promise<string> {
  const app = express();
  const bridge = openBridge(source, { enabled: true, log: () => {} });
  app.use(bridge);
  use(app);
  const server = createServer(app);
  later(() => {
    bridge.close();
    server.closeAllConnections();
    server.close();
  });
  return listen(server);
}

/** The session that a library put on the request. */
export function dataOf(request: object): Record<string, unknown> {
  return (request as { session: Record<string, unknown> }).session; // put there by each of them
}

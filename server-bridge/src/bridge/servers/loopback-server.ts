/** A bridge next to a site that cannot host it: a small server on loopback that answers the panel and no one else. */

import { createServer, type Server } from "node:http";
import { PREFIX } from "../../core/errors.ts";
import { LOOPBACK_PORTS } from "../../protocol/address.ts";
import type { Source } from "../../sources/source.ts";
import { type BridgeOptions, openBridge } from "../index.ts";

/** A bridge on its own port. */
export interface LoopbackServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Opens the bridge for `source` on the first free port of `ports`, on 127.0.0.1.
 *
 * @throws when every port is taken, naming them
 */
export async function openLoopbackServer(
  source: Source,
  options: BridgeOptions,
  ports: readonly number[] = LOOPBACK_PORTS,
): Promise<LoopbackServer> {
  const bridge = openBridge(source, { enabled: true, ...options });
  const server = createServer((request, response) => {
    bridge(request, response, () => {
      response.statusCode = 404;
      response.end();
    });
  });
  const port = await listenOnFirst(server, ports);
  return {
    port,
    async close() {
      bridge.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    if (await listens(server, port)) {
      const address = server.address();
      return typeof address === "object" && address ? address.port : port;
    }
  }
  throw new Error(
    `${PREFIX}ports ${ports.join(", ")} on this machine are taken. Stop another bridge that runs next to a site.`,
  );
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error);
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}

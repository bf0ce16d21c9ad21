/** A way to a site on which the answers to some requests wait: as on a slow network, a later answer then arrives first. */
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";

/** The way, and what waits on it. */
export interface HeldConnections {
  base: string;
  /** Resolves once the site has answered a request whose address contains `held`. */
  hasHeld(): Promise<void>;
  /** Lets all that waits arrive. */
  release(): void;
  close(): void;
}

/** Opens it. Bytes pass as they are, except that answers to requests with `held` in their first line wait. */
export async function holdConnections(base: string): Promise<HeldConnections> {
  const { hostname, port } = new URL(base);
  const waiting: { client: Socket; bytes: Buffer }[] = [];
  const told = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const site = connectTo(Number(port), hostname);
    let isHeld = false;
    client.on("data", (bytes) => {
      if (/^[A-Z]+ \S*held\S* HTTP/.test(bytes.toString("latin1"))) isHeld = true;
      site.write(bytes);
    });
    site.on("data", (bytes) => {
      if (!isHeld) client.write(bytes);
      else waiting.push({ client, bytes });
      if (isHeld) told.resolve();
    });
    for (const [one, other] of [
      [client, site],
      [site, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    base: `http://127.0.0.1:${own}`,
    hasHeld: () => told.promise,
    release() {
      for (const { client, bytes } of waiting.splice(0)) client.write(bytes);
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

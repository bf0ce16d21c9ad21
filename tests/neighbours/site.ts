/** One site: a host with a neighbour in its place, with sessions or without, and its client. */
import type { Engine } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import { type Asker, createAsker } from "./client.ts";
import { SERVE } from "./hosts/hosts.ts";
import type { Placed } from "./neighbour.ts";
import { findNeighbour } from "./neighbours/neighbours.ts";
import type { Cell } from "./product.ts";
import { sessionsOn } from "./stores.ts";

/** A site that is served. */
export interface Site {
  port: number;
  placed: Placed;
  asker: Asker;
  close(): Promise<void>;
}

/** Serves a site. `engine` null: without sessions. */
export async function openSite(
  { neighbour, host, position, protocol }: Pick<Cell, "neighbour" | "host" | "position" | "protocol">,
  engine: Engine | null,
): Promise<Site> {
  const sessions = engine === null ? null : sessionsOn(engine);
  const session = sessions === null ? null : sessionMiddleware(sessions);
  const placed = await findNeighbour(neighbour).place({ host, position, protocol, session });
  const served = await SERVE[host]({ sessions, protocol, [position]: placed });
  const asker = createAsker(served.port, protocol);
  return {
    port: served.port,
    placed,
    asker,
    close: async () => {
      asker.close();
      await placed.close?.();
      await served.close();
    },
  };
}

/** What the modules of this folder share. Each exports `START`: a way to start each of its servers, by id. */
import type { Server } from "node:http";

/** Where the sessions are. `none` is a bare handler; `cookie` keeps them in the browser. */
export type Store = "none" | "memory" | "sqlite" | "redis" | "postgres" | "file" | "cookie";

/** Places that the run created for the stores; each contestant uses only its own name in them. */
export interface Places {
  directory: string;
  redisUrl: string;
  postgresUrl: string;
  /** The contestant's id: name of its files, prefix of its keys. */
  id: string;
}

/**
 * Starts the server on a free port. It answers `GET /untouched`, `GET /read`, `POST /write`, `POST /login`,
 * `POST /fill` and `POST /fill-big`, each written as the library's manual has it.
 */
export type Start = (places: Places) => Promise<Server>;

/** Our own servers create this many sessions of other visitors: `POST /crowd/1000`. */
export const CROWD_PATH = "/crowd/";

/** Listens on a free loopback port. */
export function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

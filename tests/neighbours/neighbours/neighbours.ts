/** Every neighbour of the matrix. */
import type { Neighbour } from "../neighbour.ts";
import { BODY_NEIGHBOURS } from "./bodies.ts";
import { COMPRESSING } from "./compression.ts";
import { HEADER_NEIGHBOURS } from "./headers.ts";
import { SESSION_USERS } from "./session-users.ts";
import { SOCKET_NEIGHBOURS } from "./sockets.ts";

/** In the order of the report. */
export const NEIGHBOURS: readonly Neighbour[] = [
  ...COMPRESSING,
  ...HEADER_NEIGHBOURS,
  ...SESSION_USERS,
  ...BODY_NEIGHBOURS,
  ...SOCKET_NEIGHBOURS,
];

/** @throws Error when there is none of that name */
export function findNeighbour(name: string): Neighbour {
  const found = NEIGHBOURS.find((neighbour) => neighbour.name === name);
  if (found === undefined) throw new Error(`There is no neighbour ${name}.`);
  return found;
}

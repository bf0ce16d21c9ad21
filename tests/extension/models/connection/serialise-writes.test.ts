/** All bridge calls that write take turns with the readings of the session. */
import { expect, it } from "vitest";
import {
  serialiseWrites,
  type WriteInTurn,
} from "../../../../extension/models/connection/serialise-writes.ts";
import { createMemoryWorld } from "../../../panel/memory-ports/world.ts";

it.each([
  ["edit", true],
  ["expiry", true],
  ["cycle", true],
  ["flush", true],
  ["restore", true],
  ["hello", false],
  ["session", false],
] as const)("%s waits for its turn: %s", async (name, waits) => {
  const { server } = createMemoryWorld();
  const turns: string[] = [];
  const write: WriteInTurn = async (origin, run) => {
    turns.push(origin);
    return run();
  };
  server.call = async (_origin, asked) => {
    turns.push(asked);
    return { ok: false, problem: { kind: "absent", status: 404 } };
  };
  const request = { protocol: 1 } as unknown as Parameters<typeof server.call>[2]; // is not looked at
  await serialiseWrites(server, write, () => {}).call("http://localhost:8000", name, request as never);
  expect(turns).toEqual(waits ? ["http://localhost:8000", name] : [name]);
});

/**
 * Drives the library through a pipe, for tools in other languages: JSON lines on standard input and output, one response to
 * each request. The database engines use the SQLite file that the environment variable CONFORMANCE_DB names.
 *
 *     CONFORMANCE_DB=sessions.db node tests/interop/peer.ts
 */
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { PeerLibrary } from "./peer-library.ts";
import { createOperations, Interrupted } from "./peer-operations.ts";
import { type PeerRequest, parseRequest, toError, writeAnswer } from "./peer-wire.ts";

/** Python's error for a session that was deleted while the request ran. */
const INTERRUPTED = {
  type: "SessionInterrupted",
  message: "The session was deleted before the request was done.",
};

/** One driven library. @param databaseFile SQLite file with Django's table in it */
export function createPeer(databaseFile: string) {
  const library = new PeerLibrary(databaseFile);
  const operations = createOperations(library);

  /** Answers one request. */
  async function answer(request: PeerRequest): Promise<object> {
    const { id, op } = request;
    library.begin(request.now);
    if (request.settings !== undefined) library.configure(request.settings);
    try {
      const operation = operations[op];
      if (operation === undefined) throw new RangeError(`no operation ${op}`);
      const value = (await operation(request)) ?? null;
      const state = library.stateOf(op.endsWith(".new") || op === "mw.begin" ? value : request["h"]);
      return { id, value, ...(state === undefined ? {} : { state }), logs: library.logs };
    } catch (error) {
      return { id, error: error instanceof Interrupted ? INTERRUPTED : toError(error), logs: library.logs };
    }
  }

  return { answer, close: () => library.stores.database.close() };
}

async function main(): Promise<void> {
  const peer = createPeer(process.env["CONFORMANCE_DB"] ?? ":memory:");
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${writeAnswer(await peer.answer(parseRequest(line)))}\n`);
  }
  await peer.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();

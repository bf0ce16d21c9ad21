/**
 * Drives the library through a pipe, for tools in other languages: JSON lines on standard input and output, one response to
 * each request. The database engines use the SQLite file that the environment variable CONFORMANCE_DB names.
 *
 *     CONFORMANCE_DB=sessions.db node --conditions=sessions-source tests/interop/peer.ts
 */
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { SettingsInput } from "../../server-bridge/src/index.ts";
import { PeerLibrary } from "./peer-library.ts";
import { createOperations } from "./peer-operations.ts";
import { type PeerRequest, PythonError, parseRequest, toError, writeAnswer } from "./peer-wire.ts";

/**
 * One driven library.
 *
 * @param databaseFile SQLite file with Django's table in it
 * @param beyond settings that Django does not have
 */
export function createPeer(databaseFile: string, beyond: Partial<SettingsInput> = {}) {
  const library = new PeerLibrary(databaseFile, beyond);
  const operations = createOperations(library);

  /** Answers one request. */
  async function answer(request: PeerRequest): Promise<object> {
    const { id, op } = request;
    library.begin(request.now ?? Date.now() / 1000);
    if (request.settings) library.configure(request.settings);
    try {
      const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
      if (operation === undefined) throw new PythonError("ValueError", `no operation ${op}`);
      const value = (await operation(request)) ?? null;
      const state = library.stateOf(op.endsWith(".new") || op === "mw.begin" ? value : request["h"]);
      return { id, value, ...(state === undefined ? {} : { state }), logs: library.logs };
    } catch (error) {
      return { id, error: toError(error), logs: library.logs };
    }
  }

  /** Answers one line with one line. */
  async function answerLine(line: string): Promise<string> {
    try {
      return writeAnswer(await answer(parseRequest(line)));
    } catch (error) {
      return writeAnswer({ id: null, error: toError(error), logs: [] }); // a line that is not JSON
    }
  }

  return { answer, answerLine, close: () => library.stores.database.close() };
}

async function main(): Promise<void> {
  const peer = createPeer(process.env["CONFORMANCE_DB"] ?? ":memory:");
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== "") process.stdout.write(`${await peer.answerLine(line)}\n`);
  }
  await peer.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();

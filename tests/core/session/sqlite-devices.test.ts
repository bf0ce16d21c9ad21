/** The sessions of a user, in SQLite: in a file, in memory, in tables of other names, and behind a cache in memory. */
import { cachedDatabase, database, memory } from "session-bridge";
import { afterAll } from "vitest";
import { makeDirectory } from "../engines/servers.ts";
import { describeDevices } from "./devices-law.ts";

const folder = await makeDirectory();
let files = 0;
function newFile(): string {
  files += 1;
  return `sqlite:${folder.address}/${files}.db`;
}
afterAll(() => folder.remove());

describeDevices("a SQLite file", { make: () => database(newFile()) });
describeDevices("SQLite in memory", { make: () => database("sqlite::memory:") });
describeDevices("SQLite, with a table of another name,", {
  make: () => database("sqlite::memory:", { table: "t".repeat(64) }),
});
describeDevices("a cache in memory in front of SQLite", { make: () => cachedDatabase(memory(), newFile()) });

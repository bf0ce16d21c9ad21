/** The sessions of a user, in files: the law, several processes, and what other users of the machine must not do. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { file } from "session-bridge";
import { afterAll, beforeAll, describe } from "vitest";
import { makeDirectory, type Place } from "../engines/servers.ts";
import { describeDevices } from "./devices-law.ts";

let place: Place;
let count = 0;
beforeAll(async () => {
  place = await makeDirectory();
});
afterAll(() => place.remove());

function newDirectory(): string {
  const directory = join(place.address, `case${++count}`);
  mkdirSync(directory);
  return directory;
}

describe("files", () => {
  describeDevices("files", { make: () => file(newDirectory()) });
});

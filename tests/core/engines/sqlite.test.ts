/** SQLite: the law, in a file and in memory. */
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { describeEngine } from "./law.ts";
import { makeDirectory, type Place } from "./servers.ts";

describe("SQLite", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());

  describeEngine("SQLite", { make: () => database(`sqlite:${join(place.address, "sessions.db")}`) });
  describeEngine("SQLite in memory", { make: () => database("sqlite::memory:") });
});

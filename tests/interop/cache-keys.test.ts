/** Cache entries have the same names as in Django. */
import { describe, expect, it } from "vitest";
import { cache } from "../../server-bridge/src/core/engines/cache.ts";
import { cachedDatabase } from "../../server-bridge/src/core/engines/cached-database.ts";
import { memory } from "../../server-bridge/src/core/engines/caches/memory.ts";
import { createSessions } from "../../server-bridge/src/core/sessions.ts";
import { readVectors } from "./vectors.ts";

interface Name {
  KEY_PREFIX: string;
  VERSION: number;
  session_cache_key: string;
  backend_key: string;
}

const KEY = "k".repeat(32);
// The other cases are pickles: entries in the library's caches are JSON.
const { cases } = readVectors("cache_values");
const names = cases.find(({ id }) => id === "keys")?.["keys"] as Name[]; // the vector's own form

describe("names in a cache", () => {
  for (const { KEY_PREFIX, VERSION, session_cache_key, backend_key } of names) {
    const cached = session_cache_key.includes("cached_db");
    it(`are Django's, with prefix "${KEY_PREFIX}" and version ${VERSION}, for ${cached ? "cached_db" : "cache"}`, async () => {
      const store = memory();
      const options = { keyPrefix: KEY_PREFIX, version: VERSION };
      const engine = cached ? cachedDatabase(store, "sqlite::memory:", options) : cache(store, options);
      const sessions = createSessions({ secretKey: "a secret", engine });
      await sessions.migrate();
      await engine.create(KEY, "text", { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
      expect(await store.get(backend_key)).toMatchObject({ text: "text" });
      await sessions.close();
    });
  }

  it("are refused with a version that is not a whole number", () => {
    expect(() => cache(memory(), { version: 1.5 })).toThrow(/version is 1.5/);
  });
});

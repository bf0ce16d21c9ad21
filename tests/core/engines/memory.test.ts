/** Sessions in memory: the law, and the bound. */
import { describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { memory } from "../../../server-bridge/src/core/engines/caches/memory.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";

describeEngine("memory", {
  make: () => cache("memory:"),
  except: { "clears what has ended, and nothing else": "a cache forgets by itself" },
});

describe("the memory cache", () => {
  it("drops what was used least recently when it is full", async () => {
    const engine = cache(memory({ max: 2 }));
    createSessions({ secretKey: "a secret", engine });
    const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    await engine.create("firstfirst", "1", end);
    await engine.create("secondseco", "2", end);
    await engine.load("firstfirst");
    await engine.create("thirdthird", "3", end);
    expect(await engine.load("secondseco")).toBeNull();
    expect(await engine.load("firstfirst")).toMatchObject({ text: "1" });
  });
});

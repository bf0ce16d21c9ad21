/** A table that Django created and filled, opened by ours; and the names of cache entries. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cache, cache, createSessions, database, isSessionError, memory } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFields, readVectors, unusedDeviations, vectorPath } from "./vectors.ts";

const { cases, header } = readVectors("sessions_db");
const folder = mkdtempSync(join(tmpdir(), "sessions-db-"));
const path = join(folder, "sessions.sqlite3");
copyFileSync(vectorPath("sessions.sqlite3"), path);
const sessions = createSessions<Record<string, unknown>>({
  secretKey: [String(header["secret_key"]), ...(header["secret_key_fallbacks"] as string[])],
  engine: database(`sqlite:${path}`),
  djangoDefaults: true,
  keyPattern: /^.{8,}$/s,
  clock: () => Number(header["now"]) * 1000,
  log: () => {},
});

afterAll(async () => {
  await sessions.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A result, or the name of the error that Python raises there. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isSessionError(error, "expiry-zone")) return { $raises: "TypeError" };
    throw error;
  }
}

/** Data as the vector has them: large ones as the hash of their JSON. */
function asIn(expected: unknown, data: unknown): unknown {
  if (typeof expected !== "object" || expected === null || !("$sha256_of_compact_json" in expected))
    return data;
  return { $sha256_of_compact_json: createHash("sha256").update(JSON.stringify(data)).digest("hex") };
}

describe("a row of Django's table opens as Django opens it", () => {
  it.each(cases)("$id", async (one) => {
    const { opened_key, session_key, session_data } = one as Record<string, string | null>;
    const session = sessions.open(opened_key);
    const decoded: unknown = JSON.parse(sessions.codec.decode(session_data ?? "")?.json ?? "{}");
    const actual = {
      exists: await sessions.engine.exists(session_key ?? ""),
      data: asIn(one["data"], session.toJSON()),
      key_after_load: session.sessionKey,
      age: attempt(() => session.getExpiryAge()),
      browser_close: session.getExpireAtBrowserClose(),
      decoded_without_looking_at_expiry: asIn(one["decoded_without_looking_at_expiry"], decoded),
    };
    const names = Object.keys(actual).filter((name) => name in one);
    expectFields("sessions_db", one.id, actual, Object.fromEntries(names.map((name) => [name, one[name]])));
  });
});

it("covers every deviation", () => expect(unusedDeviations("sessions_db")).toEqual([]));

describe("clearExpired keeps what Django's clearsessions keeps", () => {
  beforeAll(() => sessions.clearExpired());

  it.each(cases.filter((one) => "survives_clearsessions" in one))("$id", async (one) => {
    const key = String(one["session_key"]);
    expect(await sessions.engine.exists(key)).toBe(one["survives_clearsessions"]);
  });
});

/** The names of cache entries. */
async function namesIn(make: (listed: Cache) => Promise<void>): Promise<string[]> {
  const inner = memory();
  const names: string[] = [];
  const listed: Cache = {
    ...inner,
    vendor: inner.vendor,
    start: (context) => inner.start(context),
    add(name, text, timeout) {
      names.push(name);
      return inner.add(name, text, timeout);
    },
    get: (name) => inner.get(name),
    inspect: (name) => inner.inspect(name),
    swap: (name, text, timeout, expected) => inner.swap(name, text, timeout, expected),
    set: (name, text, timeout) => inner.set(name, text, timeout),
    delete: (name) => inner.delete(name),
    close: () => inner.close(),
  };
  await make(listed);
  return names;
}

describe("cache entries are named as in Django", () => {
  const keys = (readVectors("cache_values").cases.find(({ id }) => id === "keys")?.["keys"] ?? []) as Record<
    string,
    unknown
  >[];
  const plain = keys.filter((one) => one["KEY_PREFIX"] === "" && one["VERSION"] === 1);

  it("under the cache's own prefix and version, which are Django's defaults", async () => {
    const expected = plain.find((one) => !String(one["backend_key"]).includes("cached_db"));
    const names = await namesIn(async (listed) => {
      const library = createSessions({ secretKey: "k", engine: cache(listed) });
      await library.engine.create("k".repeat(32), "{}", { expiresAtMs: Date.now() + 1000, ageSeconds: 1 });
    });
    expect(names).toEqual([expected?.["backend_key"]]);
  });
});

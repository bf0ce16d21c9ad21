/**
 * Attacker: a user of the same server, whose app takes keys of any form. Holds: the victim's key as a log has mangled it: in
 * capitals, cut, with blanks or control characters. Wants: a store whose comparison forgives that.
 */
import { cache, cachedDatabase, database, type Engine, file, memory } from "session-bridge";
import { describe, expect, it } from "vitest";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase } from "../../core/engines/servers.ts";
import { callAll, expectNothing, later, openScene, overhear } from "../kit/scene.ts";

const ENGINES: Record<string, () => Promise<Engine>> = {
  MariaDB: async () => database((await kept(makeMariadbDatabase())).address),
  PostgreSQL: async () => database((await kept(makePostgresDatabase())).address),
  SQLite: async () => database("sqlite::memory:"),
  Redis: async () => cache("redis://127.0.0.1:6379"),
  memory: async () => cache(memory()),
  "a cached database": async () => cachedDatabase("memory:", "sqlite::memory:"),
  files: async () => file((await kept(makeDirectory())).address),
};

async function kept<P extends { remove(): Promise<void> }>(making: Promise<P>): Promise<P> {
  const place = await making;
  later(() => place.remove());
  return place;
}

/** What a comparison that ignores case, pads, matches patterns or stops at NUL treats as the same key. */
function variantsOf(key: string): string[] {
  const capital = key.toUpperCase();
  const [first = "", second = ""] = key;
  return [
    ...[capital, first.toUpperCase() + key.slice(1), key.slice(0, -1) + key.slice(-1).toUpperCase()],
    ...[" ", "\t", "\n", "\0", "\u00a0", "\u200b", "\u0301", "\ufe0f"].flatMap((one) => [
      key + one,
      one + key,
    ]),
    ...[
      `${key}.`,
      `${key}/`,
      `./${key}`,
      `${key}\0.txt`,
      `${key}*`,
      `${key.slice(0, -1)}?`,
      `${key.slice(0, -1)}%`,
    ],
    key.replace(first, String.fromCodePoint((first.codePointAt(0) ?? 0) + 0xfee0)), // the wide form of the same letter
    key.replace(second, `${second}\u0300`),
  ].filter((one) => one !== key);
}

describe("a key in another spelling is not a session", () => {
  it.each(Object.keys(ENGINES))("in %s", async (name) => {
    const engine = await ENGINES[name]?.();
    if (engine === undefined) throw new Error(`no engine ${name}`);
    const scene = await openScene({ engine, sessions: { keyPattern: /^[^;]{8,200}$/s } });
    const variants = variantsOf(scene.victim.cookie);
    expect(variants.length).toBeGreaterThan(20);
    await expectNothing(scene, async () => {
      const received = [await overhear(scene.site, { cookies: variants.slice(0, 20) })];
      for (const variant of variants) received.push(...(await callAll(scene.site, variant)));
      return received;
    });
  });
});

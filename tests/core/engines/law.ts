/** The law of engines: tests what `engines/engine.ts` promises on every engine with its real store. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { End } from "../../../server-bridge/src/core/django/expiry.ts";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import type { Codec } from "../../../server-bridge/src/core/signing/codec.ts";
import { ABSURD_KEYS, flipCase, isNothing, rename } from "./law-material.ts";

/** What a law test file passes. */
export interface Subject {
  /** A new engine over the same store; called once before all tests. */
  make(): Engine | Promise<Engine>;
  /** Sentences of the law that this engine cannot fulfil, each with the reason. One that it fulfils after all is a failure. */
  except?: Record<string, string>;
  /** The server expires sessions by its own clock, which tests cannot set. */
  ownClock?: boolean;
  /** Called after all tests. */
  after?(): Promise<void>;
}

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
/** Tests one engine against the whole law. */
export function describeEngine(name: string, subject: Subject): void {
  describe(`the ${name} engine`, () => {
    const { except = {}, ownClock = false } = subject;
    let engine: Engine;
    let codec: Codec;
    let now = ownClock ? Date.now() : NOW;
    let key = "";
    let count = 0;

    beforeAll(async () => {
      engine = await subject.make();
      const sessions = createSessions({ secretKey: "a secret", engine, clock: () => now });
      codec = sessions.codec;
      await sessions.migrate();
    });
    afterAll(async () => {
      await engine.close?.();
      await subject.after?.();
    });
    beforeEach(() => {
      now = ownClock ? Date.now() : NOW;
      key = newKey();
    });

    function newKey(): string {
      return `key${String(++count).padStart(5, "0")}${Math.random().toString(36).slice(2, 10)}`;
    }
    function inSeconds(ageSeconds: number): End {
      return { expiresAtMs: now + ageSeconds * 1000, ageSeconds };
    }
    const textOf = async (of: string) => {
      const stored = await engine.load(of);
      return stored === null || stored === "expired" ? stored : stored.text;
    };
    const text = (data: object) => codec.encode(JSON.stringify(data));
    const rule = (sentence: string, test: () => Promise<void>) => {
      const reason = except[sentence];
      if (reason === undefined) it(sentence, test);
      else it.fails(`does not hold here: ${sentence} (${reason})`, test);
    };

    rule("gives back exactly the text that was kept", async () => {
      const kept = text({ a: 1, odd: '\\ " %', long: "x".repeat(100_000) });
      expect(await engine.create(key, kept, inSeconds(60))).toBe(true);
      expect(await textOf(key)).toBe(kept);
      expect(await engine.exists(key)).toBe(true);
    });

    rule("knows nothing of a key under which nothing was kept", async () => {
      expect(await engine.load(key)).toBeNull();
      expect(await engine.exists(key)).toBe(false);
    });

    rule("keeps sessions apart", async () => {
      const other = newKey();
      await engine.create(key, text({ mine: 1 }), inSeconds(60));
      await engine.create(other, text({ theirs: 2 }), inSeconds(60));
      await engine.delete(other);
      expect(await textOf(key)).toBe(text({ mine: 1 }));
    });

    rule("refuses to create under a key that is taken, and changes nothing", async () => {
      await engine.create(key, text({ first: 1 }), inSeconds(60));
      expect(await engine.create(key, text({ second: 2 }), inSeconds(60))).toBe(false);
      expect(await textOf(key)).toBe(text({ first: 1 }));
    });

    rule("lets one of twenty create under one key at once", async () => {
      const tries = Array.from({ length: 20 }, (_, n) => engine.create(key, text({ n }), inSeconds(60)));
      const made = (await Promise.all(tries)).flatMap((done, n) => (done ? [n] : []));
      expect(made).toHaveLength(1);
      expect(await textOf(key)).toBe(text({ n: made[0] }));
    });

    rule("replaces a text when exactly the expected one is there", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await engine.update(key, text({ a: 2 }), inSeconds(60), text({ a: 1 }))).toBe("saved");
      expect(await textOf(key)).toBe(text({ a: 2 }));
    });

    rule("saves a text that is the same as before", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await engine.update(key, text({ a: 1 }), inSeconds(60), text({ a: 1 }))).toBe("saved");
      expect(await engine.update(key, text({ a: 1 }), inSeconds(60), null)).toBe("saved");
    });

    rule("reports a conflict, and changes nothing, when another text is there", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await engine.update(key, text({ a: 2 }), inSeconds(60), text({ a: 0 }))).toBe("conflict");
      expect(await textOf(key)).toBe(text({ a: 1 }));
    });

    rule("takes texts that differ in the case of a letter for different texts", async () => {
      const kept = text({ a: "x" });
      await engine.create(key, kept, inSeconds(60));
      expect(await engine.update(key, text({ a: "y" }), inSeconds(60), flipCase(kept))).toBe("conflict");
    });

    rule("takes a text with a blank at its end for a different text", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await engine.update(key, text({ a: 2 }), inSeconds(60), `${text({ a: 1 })} `)).toBe("conflict");
    });

    rule("takes keys that differ in case, or by a blank at the end, for different keys", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      for (const other of [key.toUpperCase(), `${key} `]) {
        expect(await engine.load(other)).toBeNull();
        expect(await engine.exists(other)).toBe(false);
        expect(await engine.update(other, text({ a: 2 }), inSeconds(60), null)).toBe("gone");
        await engine.delete(other);
      }
      expect(await textOf(key)).toBe(text({ a: 1 }));
    });

    rule("replaces whatever is there when nothing is expected", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await engine.update(key, text({ b: 2 }), inSeconds(60), null)).toBe("saved");
      expect(await textOf(key)).toBe(text({ b: 2 }));
    });

    rule("saves one of twenty swaps of the same text", async () => {
      await engine.create(key, text({ n: -1 }), inSeconds(60));
      const swaps = Array.from({ length: 20 }, (_, n) =>
        engine.update(key, text({ n }), inSeconds(60), text({ n: -1 })),
      );
      const results = await Promise.all(swaps);
      expect(results.filter((result) => result === "saved")).toHaveLength(1);
      expect(results.filter((result) => result === "conflict")).toHaveLength(19);
      expect(await textOf(key)).toBe(text({ n: results.indexOf("saved") }));
    });

    rule("saves one of twenty swaps of the same text for one and the same other text", async () => {
      const [before, after] = [text({ n: 0 }), text({ n: 1 })];
      await engine.create(key, before, inSeconds(60));
      const swaps = Array.from({ length: 20 }, () => engine.update(key, after, inSeconds(60), before));
      expect((await Promise.all(swaps)).filter((result) => result === "saved")).toHaveLength(1);
    });

    rule("never makes a session by updating one that is not there", async () => {
      expect(await engine.update(key, text({ a: 1 }), inSeconds(60), null)).toBe("gone");
      expect(await engine.update(key, text({ a: 1 }), inSeconds(60), text({ a: 0 }))).toBe("gone");
      expect(await engine.load(key)).toBeNull();
    });

    rule("never brings back a session that was deleted", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      await engine.load(key);
      await engine.delete(key);
      expect(await engine.load(key)).toBeNull();
      expect(await engine.update(key, text({ a: 2 }), inSeconds(60), text({ a: 1 }))).toBe("gone");
      expect(await engine.load(key)).toBeNull();
    });

    rule("has no session after a deletion and twenty late swaps at once", async () => {
      await engine.create(key, text({ n: -1 }), inSeconds(60));
      const swap = (n: number) => engine.update(key, text({ n }), inSeconds(60), null);
      await Promise.all([swap(0), engine.delete(key), ...Array.from({ length: 19 }, (_, n) => swap(n + 1))]);
      expect(await engine.load(key)).toBeNull();
    });

    rule("deletes silently what is not there", async () => {
      await expect(engine.delete(key)).resolves.toBeUndefined();
    });

    rule("moves a session to a new key", async () => {
      const next = newKey();
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      expect(await rename(engine, next, text({ a: 2 }), inSeconds(60), key, text({ a: 1 }))).toBe("saved");
      expect(await textOf(next)).toBe(text({ a: 2 }));
      expect(await engine.load(key)).toBeNull();
    });

    rule("moves no session that was changed or deleted meanwhile, and leaves nothing", async () => {
      const next = newKey();
      const move = () => rename(engine, next, text({ a: 2 }), inSeconds(60), key, text({ a: 1 }));
      expect(await move()).toBe("gone");
      expect(isNothing(await engine.load(next))).toBe(true);
      await engine.create(key, text({ b: 1 }), inSeconds(60));
      expect(await move()).toBe("conflict");
      expect(isNothing(await engine.load(next))).toBe(true);
      expect(await textOf(key)).toBe(text({ b: 1 }));
    });

    rule("makes the new session when the old one is gone already", async () => {
      const next = newKey();
      expect(await rename(engine, next, text({ a: 2 }), inSeconds(60), key)).toBe("saved");
      expect(await textOf(next)).toBe(text({ a: 2 }));
    });

    rule("refuses to move a session to a key that is taken, and changes nothing", async () => {
      const taken = newKey();
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      await engine.create(taken, text({ b: 1 }), inSeconds(60));
      expect(await rename(engine, taken, text({ a: 2 }), inSeconds(60), key, text({ a: 1 }))).toBe("taken");
      expect(await textOf(taken)).toBe(text({ b: 1 }));
      expect(await textOf(key)).toBe(text({ a: 1 }));
      expect(await rename(engine, taken, text({ a: 2 }), inSeconds(60), key)).toBe("taken");
      expect(await textOf(taken)).toBe(text({ b: 1 }));
      expect(await textOf(key)).toBe(text({ a: 1 }));
    });

    rule("says to those who look from outside when a session ends, and looking changes nothing", async () => {
      await engine.create(key, text({ _session_expiry: 3600 }), inSeconds(3600));
      for (let look = 0; look < 3; look++) {
        const stored = await (engine.inspect?.(key) ?? engine.load(key));
        const ends = stored === null || stored === "expired" ? null : stored.expiresAtMs;
        expect(Math.abs((ends ?? 0) - now - 3_600_000)).toBeLessThan(ownClock ? 2000 : 1.1);
      }
    });

    rule("loads a session until its end, and not at its end", async () => {
      const age = ownClock ? 0.2 : 60;
      const kept = text({ _session_expiry: age });
      await engine.create(key, kept, inSeconds(age));
      expect(await textOf(key)).toBe(kept);
      if (ownClock) return expect.poll(() => engine.load(key), { timeout: 5000 }).toBeNull();
      now = NOW + 59_999;
      expect(await textOf(key)).toBe(kept);
      now = NOW + 60_000;
      expect(await engine.load(key)).toSatisfy(isNothing);
    });

    rule("prolongs a session by an update, and not by reading it", async () => {
      const age = ownClock ? 0.2 : 60;
      const short = text({ _session_expiry: age });
      const witness = newKey();
      for (const each of [key, witness]) await engine.create(each, short, inSeconds(age));
      if (!ownClock) now = NOW + 50_000;
      const longer = text({ _session_expiry: 60, more: 1 });
      expect(await engine.update(key, longer, inSeconds(60), short)).toBe("saved");
      await engine.load(witness);
      if (!ownClock) now = NOW + 70_000;
      await expect.poll(() => engine.load(witness), { timeout: 2000 }).toSatisfy(isNothing);
      expect(await textOf(key)).toBe(longer);
    });

    rule("keeps nothing that can be read for an end that has come", async () => {
      await engine.create(key, text({ _session_expiry: -1 }), inSeconds(-1));
      expect(await engine.load(key)).toSatisfy(isNothing);
      expect(await engine.load(key)).toBeNull();
    });

    rule("clears what has ended, and nothing else", async () => {
      await engine.clearExpired();
      const [ended, alive] = [newKey(), newKey()];
      await engine.create(ended, text({ _session_expiry: 10 }), inSeconds(10));
      const kept = text({ _session_expiry: 60 });
      await engine.create(alive, kept, inSeconds(60));
      now = NOW + 30_000;
      expect(await engine.clearExpired()).toBeGreaterThanOrEqual(1);
      expect(await engine.exists(ended)).toBe(false);
      expect(await textOf(alive)).toBe(kept);
    });

    for (const [which, absurd] of Object.entries(ABSURD_KEYS)) {
      rule(`takes a key ${which} for a session that is not there`, async () => {
        expect(await engine.load(absurd)).toBeNull();
        expect(await engine.exists(absurd)).toBe(false);
        expect(await engine.update(absurd, text({ a: 1 }), inSeconds(60), null)).toBe("gone");
        await expect(engine.delete(absurd)).resolves.toBeUndefined();
        expect(engine.loadSync?.(absurd) ?? null).toBeNull();
      });
    }

    rule("loads the same with and without a promise", async () => {
      await engine.create(key, text({ a: 1 }), inSeconds(60));
      const loaded = await engine.load(key);
      expect(engine.loadSync === undefined ? loaded : engine.loadSync(key)).toEqual(loaded);
    });
  });
}

/** The source over this library's own sessions: every write compares, in the store itself, with what its caller saw. */
import { createSessions, database, type Sessions } from "session-bridge";
import type { ProvenKey, ProvenView, Source, WriteResult } from "session-bridge/bridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProofs, type Proofs } from "../../../server-bridge/src/bridge/calls/proof.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { ownSource } from "../../../server-bridge/src/sources/own/own.ts";

const NOW = 1_790_000_000_000;
let sessions: Sessions;
let source: Source;
let proofs: Proofs;
let key: ProvenKey;
let seen: ProvenView;

beforeEach(async () => {
  sessions = createSessions({
    secretKey: "a secret for tests, fifty characters long, no more no less",
    engine: database("sqlite::memory:"),
    cookieAge: 3600,
    clock: () => NOW,
  });
  await sessions.migrate();
  source = ownSource(sessions);
  proofs = createProofs(source, createDigests(undefined));
  const made = sessions.newKey();
  await store('{"n":1}', made);
  const proven = await proofs.prove(made);
  if (proven.key === null) throw new Error(`not proven: ${proven.reason}`);
  key = proven.key;
  seen = { ...(await view()), key };
});
afterEach(() => sessions.close());

async function store(json: string, under: string = key): Promise<void> {
  const end = { expiresAtMs: NOW + 60_000, ageSeconds: 60 };
  const text = sessions.codec.encode(json);
  if (!(await sessions.engine.create(under, text, end))) await sessions.engine.update(under, text, end, null);
}

async function view() {
  const read = await source.read(key);
  if (!read.found) throw new Error(`nothing stored: ${read.reason}`);
  return read.view;
}

const WRITES: Record<string, (ifStored: string) => Promise<WriteResult> | undefined> = {
  replace: (ifStored) => source.replace?.(key, '{"n":2}', ifStored),
  changeExpiry: (ifStored) => source.changeExpiry?.(key, { kind: "seconds", seconds: 5 }, ifStored),
  cycle: (ifStored) => source.cycle?.(key, ifStored),
  flush: (ifStored) => source.flush?.(key, ifStored),
  restore: (ifStored) => source.restore?.(seen, null, ifStored),
};

for (const [name, write] of Object.entries(WRITES)) {
  describe(name, () => {
    it("writes over what the caller saw", async () => {
      expect(await write(seen.stored)).toMatchObject({ ok: true, before: { key, json: '{"n":1}' } });
    });

    it("reports a conflict, and changes nothing, if something else is stored now", async () => {
      await store('{"n":"theirs"}');
      expect(await write(seen.stored)).toMatchObject({
        ok: false,
        reason: "conflict",
        now: { json: '{"n":"theirs"}' },
      });
      expect((await view()).json).toBe('{"n":"theirs"}');
    });

    it("says that the session is gone, and creates none, if there is none", async () => {
      await sessions.engine.delete(key);
      expect(await write(seen.stored)).toEqual({ ok: false, reason: "gone" });
      expect(await source.read(key)).toEqual({ found: false, reason: "unknown" });
    });
  });
}

describe("reading", () => {
  it("distinguishes a damaged session from none, and shows nothing of it", async () => {
    await sessions.engine.update(
      key,
      `${seen.stored.slice(0, -4)}AAAA`,
      { expiresAtMs: NOW + 1, ageSeconds: 1 },
      null,
    );
    expect(await source.read(key)).toEqual({ found: false, reason: "tampered" });
  });

  it("accepts no key of an impossible form", async () => {
    for (const cookie of ["short", "A".repeat(32), "../../etc"]) {
      expect(await proofs.prove(cookie), cookie).toEqual({ key: null, reason: "unknown" });
    }
    expect(await proofs.prove("")).toEqual({ key: null, reason: "no-cookie" });
  });
});

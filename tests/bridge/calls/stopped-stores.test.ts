/** A session store that has stopped answering: calls from the panel end, say so, and do not hold up later ones. */
import type { Source } from "session-bridge/bridge";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createWriter } from "../../../server-bridge/src/bridge/calls/perform-write.ts";
import { createProofs } from "../../../server-bridge/src/bridge/calls/proof.ts";
import { sessionAnswer } from "../../../server-bridge/src/bridge/calls/reads.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import type { ProvenKey, StoredView } from "../../../server-bridge/src/sources/source.ts";

const digests = createDigests(undefined);
const never = () => new Promise<never>(() => {});
const byRow = { by: "row", keyOf: (text: string) => text, isStored: never } as const;
const noAnswer = "The session store did not answer for 5 seconds.";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a promise comes to within a time, in milliseconds: its value, its error's message, or that it is still open. */
async function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.then(
    (value) => value,
    (error: Error) => error.message,
  );
  await vi.advanceTimersByTimeAsync(ms);
  return Promise.race([settled, "open"]);
}

describe("with a store that does not answer", () => {
  it("a session that must be looked up to be proven is refused after five seconds", async () => {
    const asked = createProofs({ proof: byRow }, digests).prove("aaaaaaaa");
    expect(await within(4_900, asked)).toBe("open");
    expect(await within(200, asked)).toContain(noAnswer);
  });

  it("a proven session is, too", async () => {
    const proof = { by: "signature", keyOf: (text: string) => text } as const;
    const source = { proof, read: never } as unknown as Source; // reads use nothing else
    const context = { proofs: createProofs({ proof }, digests), digests, serverTime: 0 };
    expect(await within(5_100, sessionAnswer(source, { cookie: "aaaaaaaa" }, context))).toContain(noAnswer);
  });

  it("a stream opens after five seconds, however many sessions were shown, and follows what is accepted later", async () => {
    const proofs = createProofs({ proof: byRow }, digests);
    const claiming = proofs.claim(["aaaaaaaa", "bbbbbbbb", "cccccccc"]);
    expect(await within(5_100, claiming)).toHaveProperty("keyIds");
    proofs.noteOwners([digests.keyId("bbbbbbbb")]);
    expect([...(await claiming).keyIds]).toEqual([digests.keyId("bbbbbbbb")]);
  });

  it("a change is refused with the remark that it may still happen, and the next one to that session has its turn", async () => {
    const view: StoredView = {
      key: "aaaaaaaa",
      json: "{}",
      stored: "{}",
      expiresAtMs: null,
      atBrowserClose: true,
      ageSeconds: 0,
    };
    const writer = createWriter({
      digests,
      recorder: { write: () => "trace" } as never,
      clock: () => 0,
      now: () => 0,
      log: () => {},
    });
    const key = "aaaaaaaa" as ProvenKey;
    const change = { call: "edit", cookie: "aaaaaaaa", key, note: "" } as const;
    const first = writer.perform({ ...change, perform: never });
    const result = { ok: true, before: view, after: view, cookie: null, cookieExpiresAtMs: null } as const;
    const second = writer.perform({ ...change, perform: async () => result });
    expect(await within(4_900, second)).toBe("open");
    expect(await within(200, first)).toContain("this change may be in it");
    expect(await second).toMatchObject({ traceId: "trace" });
  });
});

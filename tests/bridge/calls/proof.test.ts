/** What proves a key: a signature, a row, or the library's acceptance; for any string, and which calls reach the store. */
import { randomBytes } from "node:crypto";
import type { Source } from "session-bridge/bridge";
import { describe, expect, it } from "vitest";
import { createProofs } from "../../../server-bridge/src/bridge/calls/proof.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { call, type Site, startSite, Visitor } from "../site.ts";

const digests = createDigests(undefined);
type ProofOf<By> = Extract<Source["proof"], { by: By }>;

/** Proof by a row, over a set of keys that counts its calls. */
function rows(keys: string[]) {
  const stored = new Set(keys);
  const asked: string[] = [];
  const proof: ProofOf<"row"> = {
    by: "row",
    keyOf: (text) => (/^[a-z0-9]{8,40}$/.test(text) ? text : null),
    async isStored(key) {
      asked.push(key);
      return stored.has(key);
    },
  };
  return { proof, stored, asked };
}

describe("a key whose row is the proof", () => {
  it("is valid while a session is stored under it, and stays valid for the panel that has sent it", async () => {
    const { proof, stored, asked } = rows(["aaaaaaaa"]);
    const proofs = createProofs({ proof }, digests);
    expect(await proofs.prove("aaaaaaaa")).toEqual({ key: "aaaaaaaa" });
    stored.clear();
    expect(await proofs.prove("aaaaaaaa")).toEqual({ key: "aaaaaaaa" });
    expect(await proofs.prove("bbbbbbbb")).toEqual({ key: null, reason: "unknown", isGone: true });
    expect(asked).toEqual(["aaaaaaaa", "bbbbbbbb"]);
  });

  it("is valid without one if the library has used its session in a request", async () => {
    const { proof, asked } = rows([]);
    const proofs = createProofs({ proof }, digests);
    proofs.noteOwners([digests.keyId("aaaaaaaa")]);
    expect(await proofs.prove("aaaaaaaa")).toEqual({ key: "aaaaaaaa" });
    expect(asked).toEqual([]);
  });

  it("is forgotten when five thousand others were accepted since", async () => {
    const { proof } = rows([]);
    const proofs = createProofs({ proof }, digests);
    for (let n = 0; n <= 5_000; n += 1) proofs.noteOwners([`id-${n}`, digests.keyId("bbbbbbbb")]);
    proofs.noteOwners([digests.keyId("aaaaaaaa")]);
    for (let n = 0; n <= 5_000; n += 1) proofs.noteOwners([`other-${n}`]);
    expect((await proofs.prove("aaaaaaaa")).key).toBeNull();
  });

  it("is added to what a listener has proven when the library accepts it later, until the listener leaves", async () => {
    const { proof } = rows(["aaaaaaaa"]);
    const proofs = createProofs({ proof }, digests);
    const claim = await proofs.claim(["aaaaaaaa", "bbbbbbbb", "not a key", ""]);
    const [a, b, c] = ["aaaaaaaa", "bbbbbbbb", "cccccccc"].map(digests.keyId);
    expect([...claim.keyIds]).toEqual([a]);
    proofs.noteOwners([b ?? "", c ?? ""]);
    expect([...claim.keyIds]).toEqual([a, b]);
    const other = await proofs.claim(["dddddddd"]);
    other.end();
    proofs.noteOwners([digests.keyId("dddddddd")]);
    expect(other.keyIds.size).toBe(0);
  });

  it("is added even if the library accepts it while a call to the store is pending that then finds nothing", async () => {
    let answer = (_: boolean) => {};
    const isStored = () =>
      new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    const proofs = createProofs({ proof: { ...rows([]).proof, isStored } }, digests);
    const claiming = proofs.claim(["aaaaaaaa"]);
    await Promise.resolve();
    proofs.noteOwners([digests.keyId("aaaaaaaa")]);
    answer(false);
    expect([...(await claiming).keyIds]).toEqual([digests.keyId("aaaaaaaa")]);
  });

  it("is not proven if the store fails", async () => {
    const proof: ProofOf<"row"> = { ...rows([]).proof, isStored: () => Promise.reject(new Error("down")) };
    const proofs = createProofs({ proof }, digests);
    await expect(proofs.prove("aaaaaaaa")).rejects.toThrow("down");
    expect((await proofs.claim(["aaaaaaaa"])).keyIds.size).toBe(0);
  });
});

describe("a key that only acceptance proves", () => {
  function acceptance() {
    let told = (_: string) => {};
    const proof: ProofOf<"acceptance"> = {
      by: "acceptance",
      keyOf: (text) => (text.includes(";") ? (text.split(";")[0] ?? null) : null),
      isSigned: () => false,
      whenAccepted(listener) {
        told = listener;
      },
    };
    return { proofs: createProofs({ proof }, digests), accept: (text: string) => told(text) };
  }

  it("is valid for exactly the possession that was accepted", async () => {
    const { proofs, accept } = acceptance();
    accept("key; a.sig=1");
    expect(await proofs.prove("key; a.sig=1")).toEqual({ key: "key" });
    expect(await proofs.prove("key; a.sig=2")).toEqual({ key: null, reason: "unproven" });
    expect(await proofs.prove("key")).toEqual({ key: null, reason: "tampered" });
  });

  it("is not proven by the traces of its session", async () => {
    const { proofs } = acceptance();
    const claim = await proofs.claim(["key; a.sig=2", "key"]);
    proofs.noteOwners([digests.keyId("key"), digests.keyId("key; a.sig=2")]);
    expect(claim.keyIds.size).toBe(0);
    expect((await proofs.prove("key; a.sig=2")).key).toBeNull();
  });

  it("needs acceptance for a sealed copy too", async () => {
    const { proofs, accept } = acceptance();
    const copy = {
      key: "key",
      json: "{}",
      stored: "{}",
      expiresAtMs: null,
      atBrowserClose: true,
      ageSeconds: 0,
    };
    expect(await proofs.proveSealed(copy, "key; a.sig=1")).toBeNull();
    accept("key; a.sig=1");
    expect(await proofs.proveSealed(copy, "key; a.sig=1")).toEqual(copy);
    accept("other; a.sig=1");
    expect(await proofs.proveSealed(copy, "other; a.sig=1")).toBeNull();
  });
});

it("no key is proven if a source cannot tell whose it is", async () => {
  const proofs = createProofs({ proof: { by: "nothing", why: "It cannot." } }, digests);
  expect(await proofs.prove("anything")).toEqual({ key: null, reason: "unproven" });
  expect((await proofs.claim(["anything"])).keyIds.size).toBe(0);
});

describe("ten thousand strings that the library would not accept", () => {
  const PIECES = [
    "../",
    "..\\",
    "%2e",
    "\0",
    "'",
    '"',
    ";",
    " ",
    "A",
    "é",
    "\u212a",
    "{}",
    "__proto__",
    "a",
    "0",
  ];
  const texts = Array.from({ length: 10_000 }, (_, n) => {
    const bytes = randomBytes(1 + (n % 48));
    if (n % 3 === 0) return bytes.toString("latin1");
    if (n % 3 === 1) return bytes.toString("base64url").toUpperCase();
    return Array.from(bytes.subarray(0, 12), (byte) => PIECES[byte % PIECES.length]).join("");
  }).filter((text) => !/^[a-z0-9]{8,40}$/.test(text));

  it("reach no store, by any call", async () => {
    const site: Site = await startSite();
    const visitor = new Visitor(site);
    await visitor.visit("/login", "POST");
    const asked = site.engineCalls();
    for (let at = 0; at < texts.length; at += 32) {
      const cookies = texts.slice(at, at + 32);
      const abort = new AbortController();
      const response = await fetch(`${site.origin}/__sessions/v1/traces`, {
        method: "POST",
        headers: { origin: `chrome-extension://${"a".repeat(32)}`, "content-type": "application/json" },
        body: JSON.stringify({ protocol: 1, cookies, ids: [], since: null, process: null }),
        signal: abort.signal,
      });
      expect(response.status).toBe(200);
      abort.abort();
      const [cookie = ""] = cookies;
      const body = { cookie, ifVersion: "v", operations: [], change: { kind: "default" } };
      for (const name of ["session", "edit", "expiry", "cycle", "flush"]) await call(site, name, body);
    }
    expect(site.engineCalls()).toBe(asked);
    await site.close();
  });
});

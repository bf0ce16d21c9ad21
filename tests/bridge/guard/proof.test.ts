/** The proof that a bridge made a trace: only the process that made it, or one that shares its log, can give it. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createClient } from "redis";
import { redisLog } from "session-bridge/bridge";
import {
  BRIDGE_PATH,
  CHALLENGE_HEADER,
  PROOF_HEADER,
  proofText,
  readChallenge,
  writeChallenge,
} from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Answer,
  call,
  EXTENSION_ORIGIN,
  rawCall,
  type Site,
  type SiteOptions,
  sendRaw,
  startSite,
  Visitor,
} from "../site.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(bridge: SiteOptions["bridge"] = {}): Promise<Site> {
  const site = await startSite({ bridge });
  closers.push(() => site.close());
  return site;
}

/** The id of the trace of one request to the app. */
async function traceOf(site: Site, path = "/plain"): Promise<string> {
  const { traceId } = await new Visitor(site).visit(path);
  expect(traceId).toHaveLength(22);
  return traceId;
}

/** A challenge as the panel makes it, and the only right answer to it. */
function challenge(id: string) {
  const nonce = randomBytes(16).toString("base64url");
  const digest = createHash("sha256").update(id).digest("base64url");
  const proof = createHmac("sha256", id).update(proofText(nonce)).digest("base64url");
  return { header: { [CHALLENGE_HEADER]: writeChallenge({ digest, nonce }) }, proof };
}

/** True if the site's answer to `hello` has the right proof, false if it has none. */
async function proves(site: Site, id: string, headers: Record<string, string | null> = {}): Promise<boolean> {
  const { header, proof } = challenge(id);
  return isProven(await call(site, "hello", {}, { ...header, ...headers }), proof);
}

function isProven({ headers }: Answer, proof: string): boolean {
  const sent = headers.get(PROOF_HEADER);
  if (sent !== null) expect(sent).toBe(proof);
  return sent !== null;
}

/** Sends requests to the app, a hundred at a time. */
async function visitTimes(site: Site, times: number): Promise<void> {
  const visitor = new Visitor(site);
  for (let left = times; left > 0; left -= 100)
    await Promise.all(Array.from({ length: Math.min(left, 100) }, () => visitor.visit("/plain")));
}

describe("the proof", () => {
  it("is given for the newest trace, for each that came before it, and for the 400th", async () => {
    const site = await start();
    const ids = [await traceOf(site), await traceOf(site, "/read"), await traceOf(site, "/nowhere")];
    for (const id of ids) expect(await proves(site, id)).toBe(true);
    await visitTimes(site, 399);
    for (const id of ids) expect(await proves(site, id)).toBe(true);
    expect(await proves(site, await traceOf(site))).toBe(true);
  });

  it("ends 500 requests later: what is kept is bounded", async () => {
    const site = await start();
    const id = await traceOf(site);
    await visitTimes(site, 499);
    expect(await proves(site, id)).toBe(true);
    await visitTimes(site, 1);
    expect(await proves(site, id)).toBe(false);
  });

  it("is different for each challenge, and gives nothing of the id away", async () => {
    const site = await start();
    const id = await traceOf(site);
    const seen: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { header, proof } = challenge(id);
      const answer = await call(site, "hello", {}, header);
      expect(isProven(answer, proof)).toBe(true);
      seen.push(proof, String(header[CHALLENGE_HEADER]), answer.text, JSON.stringify([...answer.headers]));
    }
    expect(new Set(seen.filter((_, index) => index % 4 < 2)).size).toBe(6);
    for (const text of seen)
      for (let at = 0; at + 6 <= id.length; at += 1) expect(text).not.toContain(id.slice(at, at + 6));
  });

  it("of one challenge is not that of another: neither nonce nor digest can be replaced", async () => {
    const site = await start();
    const [one, other] = [await traceOf(site), await traceOf(site)];
    const { header, proof } = challenge(one);
    const sent = readChallenge(String(header[CHALLENGE_HEADER]));
    const nonce = randomBytes(16).toString("base64url");
    for (const changed of [
      { digest: sent?.digest ?? "", nonce },
      { digest: createHash("sha256").update(other).digest("base64url"), nonce: sent?.nonce ?? "" },
    ]) {
      const answer = await call(site, "hello", {}, { [CHALLENGE_HEADER]: writeChallenge(changed) });
      expect(answer.headers.get(PROOF_HEADER)).toMatch(/^[\w-]{43}$/);
      expect(answer.headers.get(PROOF_HEADER)).not.toBe(proof);
    }
  });

  it("is given with every call and every answer, also with a stream", async () => {
    const site = await start();
    const id = await traceOf(site);
    for (const name of ["hello", "session", "edit", "flush"]) {
      const { header, proof } = challenge(id);
      expect(isProven(await call(site, name, { cookie: "k" }, header), proof), name).toBe(true);
    }
    const { header, proof } = challenge(id);
    const abort = new AbortController();
    const stream = await fetch(`${site.origin}${BRIDGE_PATH}traces`, {
      method: "POST",
      headers: { origin: EXTENSION_ORIGIN, "content-type": "application/json", ...header },
      body: '{"protocol":1,"cookies":[],"ids":[],"since":null,"process":null}',
      signal: abort.signal,
    });
    expect([stream.status, stream.headers.get(PROOF_HEADER)]).toEqual([200, proof]);
    abort.abort();
  });

  it("is given over fetch, too", async () => {
    const site = await start();
    const { header, proof } = challenge(await traceOf(site));
    const headers = { origin: EXTENSION_ORIGIN, "content-type": "application/json", ...header };
    const url = `http://localhost:3000${BRIDGE_PATH}hello`;
    const request = new Request(url, { method: "POST", headers, body: '{"protocol":1}' });
    const answer = await site.bridge?.fetch(request, { peerAddress: "127.0.0.1" }, () => new Response("app"));
    expect([answer?.status, answer?.headers.get(PROOF_HEADER)]).toEqual([200, proof]);
  });
});

describe("a refusal has the proof, because the panel shows a token only after it", () => {
  it("without the token", async () => {
    const site = await start({ token: TOKEN });
    const { header, proof } = challenge(await traceOf(site));
    const answer = await call(site, "hello", {}, header);
    expect(answer.json).toMatchObject({ code: "token-missing" });
    expect(isProven(answer, proof)).toBe(true);
  });

  it("after the bridge closed itself", async () => {
    const site = await start();
    const { header, proof } = challenge(await traceOf(site));
    await fetch(`${site.origin}/plain`, { headers: { via: "1.1 proxy" } });
    const answer = await call(site, "hello", {}, header);
    expect(answer.json).toMatchObject({ code: "proxied" });
    expect(isProven(answer, proof)).toBe(true);
  });

  it("for a wrong token, another extension, a body that is not JSON", async () => {
    const site = await start({ token: TOKEN, extensionId: "abcdefghijklmnop".repeat(2) });
    const id = await traceOf(site);
    for (const [code, headers] of [
      ["token-wrong", { "session-bridge-token": "wrong" }],
      ["extension", { origin: `chrome-extension://${"a".repeat(32)}` }],
      ["not-json", { "content-type": "text/plain" }],
      ["fetch-site", { "sec-fetch-site": "cross-site" }],
    ] as const) {
      const { header, proof } = challenge(id);
      const answer = await call(site, "hello", {}, { ...header, ...headers });
      expect(answer.json).toMatchObject({ code });
      expect(isProven(answer, proof), code).toBe(true);
    }
  });
});

describe("no proof is given", () => {
  it("for an id that no trace has", async () => {
    const site = await start();
    await traceOf(site);
    expect(await proves(site, randomBytes(16).toString("base64url"))).toBe(false);
    expect(await proves(site, "")).toBe(false);
  });

  it("for a challenge in another form, or sent twice", async () => {
    const site = await start();
    const id = await traceOf(site);
    const good = String(challenge(id).header[CHALLENGE_HEADER]);
    const lines = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
    const ask = async (...values: string[]) =>
      sendRaw(
        site.port,
        rawCall("hello", [...lines, ...values.map((value) => `${CHALLENGE_HEADER}: ${value}`)]),
      );
    const proof = new RegExp(`^${PROOF_HEADER}: `, "im");
    expect(await ask(good)).toMatch(proof);
    for (const values of [
      [],
      [""],
      [good, good],
      [good, "x"],
      [`${good},${good}`],
      [`${good}=`],
      [good.slice(1)],
      [good.replace(".", "")],
      [id],
      ["x".repeat(8_000)],
    ]) {
      const answer = await ask(...values);
      expect(answer, values.join(" ")).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer, values.join(" ")).not.toMatch(proof);
    }
  });

  it("to anyone who is not an extension, and on no response of the app", async () => {
    const site = await start();
    const id = await traceOf(site);
    for (const headers of [
      { origin: "http://localhost:3000" },
      { origin: null },
      { "x-forwarded-for": "127.0.0.1" },
      { "x-forwarded-proto": "https" },
    ]) {
      expect(await proves(site, id, headers), JSON.stringify(headers)).toBe(false);
    }
    const { header } = challenge(id);
    const page = await fetch(`${site.origin}/plain`, { headers: header });
    expect(page.headers.get("session-trace")).toContain("v=1;id=");
    expect(page.headers.get(PROOF_HEADER)).toBeNull();
  });

  it("by another server, even one with the same secret", async () => {
    const [site, other] = [await start(), await start()];
    const id = await traceOf(site);
    await traceOf(other);
    expect(await proves(other, id)).toBe(false);
    expect(await proves(site, id)).toBe(true);
  });
});

describe("processes that share a log", () => {
  /** A site whose traces are in Redis. */
  async function startShared(name: string): Promise<Site> {
    return start({ traceLog: redisLog("redis://127.0.0.1:6379", { name }) });
  }

  it("prove each other's traces, and each its own 400th", async () => {
    const name = `sessions-test:${crypto.randomUUID()}`;
    const redis = await createClient().connect();
    closers.push(async () => {
      await redis.del([name, `{${name}}:newest`]);
      await redis.close();
    });
    const [site, other, stranger] = [await startShared(name), await startShared(name), await start()];
    const id = await traceOf(site, "/set?a=1");
    await expect.poll(() => proves(other, id)).toBe(true);
    expect(await proves(stranger, id)).toBe(false);
    await visitTimes(site, 399);
    const last = await traceOf(site, "/set?a=2");
    await expect.poll(() => proves(other, last)).toBe(true);
    expect(await proves(site, id)).toBe(true);
  });
});

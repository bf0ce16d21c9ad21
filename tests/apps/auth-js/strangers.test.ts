/** Cookies that the library would not accept, and other people's sessions (T25–T27): what anyone can make or send shows nothing. */
import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { encode } from "@auth/core/jwt";
import { afterEach, describe, expect, it } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { MAJORS } from "./majors.ts";
import type { Site } from "./sites.ts";
import { SECRET } from "./users.ts";

const require = createRequire(import.meta.url);
const four = require("next-auth-4/jwt") as { encode(given: object): Promise<string> };
const TOKEN = { sub: "123", name: "john_doe" };

const sites: Site[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

/** A token as the library of this version makes it. */
function make(
  version: 4 | 5,
  salt: string,
  more: { secret?: string; token?: object; maxAge?: number } = {},
): Promise<string> {
  const given = { token: TOKEN, secret: SECRET, ...more };
  return version === 5 ? encode({ ...given, salt }) : four.encode(given);
}

const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = { ...TOKEN, exp: Math.floor(Date.now() / 1000) + 600 };

/** A token of the right form, with a key that its maker has chosen. */
function sealAs(header: object, key = randomBytes(32)): string {
  const head = text(header);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(head));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  return [
    head,
    "",
    iv.toString("base64url"),
    sealed.toString("base64url"),
    cipher.getAuthTag().toString("base64url"),
  ].join(".");
}

describe.each(MAJORS)("strangers at $major", ({ start, version, name }) => {
  async function open() {
    const site = await start({ bridge: { secret: SECRET, version } });
    sites.push(site);
    const read = async (cookie: string) =>
      (await call(site.base, "session", { protocol: 1, cookie })).answer.found;
    return { ...site, read };
  }

  it("are shown a session only for a token that the library made with the site's secret, for this cookie", async () => {
    const { read } = await open();
    expect(await read(await make(version, name))).toBe(true);
    const others = [
      await make(version, name, { secret: `${SECRET}.` }),
      await make(version === 5 ? 4 : 5, name), // the other major's key is another
      ...(version === 5 ? [await make(5, `__Secure-${name}`)] : []),
      await make(version, name, { maxAge: -60 }),
    ];
    expect(await Promise.all(others.map(read))).toEqual(others.map(() => false));
  });

  it("guess in vain: unsigned, signed, sealed with their own key, or cut", async () => {
    const { read } = await open();
    const good = await make(version, name);
    const hmac = createHmac("sha256", "x").update("x").digest("base64url");
    const [head = "", ...rest] = good.split(".");
    const guesses = [
      `${text({ alg: "none" })}.${text(claims)}.`,
      `${text({ alg: "HS256" })}.${text(claims)}.${hmac}`,
      sealAs({ alg: "dir", enc: "A256GCM" }),
      sealAs({ alg: "dir", enc: "A256GCM", kid: JSON.parse(Buffer.from(head, "base64url").toString()).kid }),
      sealAs({ alg: "A256GCMKW", enc: "A256GCM" }),
      [text({ alg: "dir", enc: "none" }), ...rest].join("."),
      good.slice(0, -2),
      `${good.slice(0, -2)}AA`,
      JSON.stringify(TOKEN),
      "../config",
      "",
    ];
    expect(await Promise.all(guesses.map(read))).toEqual(guesses.map(() => false));
  });

  it("see nothing of another user's requests", async () => {
    const { base } = await open();
    const john = new Browser(base);
    const ada = new Browser(base);
    await john.logIn("john_doe");
    await ada.logIn("ada");
    await john.update({ theme: "dark" });
    await ada.ask("/");
    const proofs = [ada.possess(name), await make(version, name, { token: { sub: "7", name: "ada" } })];
    const traces = await readTraces(base, proofs, (all) => all.some(({ request }) => request.path === "/"));
    expect(
      traces.map(({ before, after }) =>
        [before, after].map((side) => side?.dataJson.includes('"ada"') ?? null),
      ),
    ).toEqual(traces.map(({ request }) => (request.path === "/" ? [true, true] : [null, true])));
    expect(JSON.stringify(traces)).not.toContain("john_doe");
  });
});

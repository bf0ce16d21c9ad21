/** Client-side sessions are read without a secret; those that cannot be read are identified. */
import { createHmac } from "node:crypto";
import cookieSession from "cookie-session";
import fc from "fast-check";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { decodeCookie } from "../../../../extension/logic/decoders/decode.ts";

const decode = (value: string, name = "session", siblings: string[] = []) =>
  decodeCookie({ name, value, siblings: siblings.map((sibling) => ({ name: sibling, value: "x" })) });

describe("a client-side session", () => {
  it("of Django's signed_cookies engine is read, plain and compressed", async () => {
    const plain = "eyJ1c2VyX2lkIjo0Mn0:1xVHTU:aEO_ktiNXcZU8b7VPfk8sy14ZE1I2pKuUx_AW6zveBo";
    expect(await decode(plain)).toMatchObject({
      format: "Django signed cookies",
      json: '{"user_id":42}',
      issuedAt: 1_795_392_000_000,
    });
    const { deflateSync } = await import("node:zlib");
    const body = deflateSync(`{"text":"${"a".repeat(200)}"}`).toString("base64url");
    const compressed = `.${body}:1xVHTU:aEO_ktiNXcZU8b7VPfk8sy14ZE1I2pKuUx_AW6zveBo`;
    expect(JSON.parse((await decode(compressed))?.json ?? "null")).toEqual({ text: "a".repeat(200) });
  });

  // Made with itsdangerous' scheme (URLSafeTimedSerializer, HMAC-SHA-1, key derivation "hmac"), secret "dev".
  it.each([
    [
      "eyJ1c2VyX2lkIjoxMjMsInVzZXJuYW1lIjoiam9obl9kb2UifQ.arE7gA.5yYrRGsbtD2z6ExPnNjV3P0x4-w",
      { user_id: 123, username: "john_doe" },
    ],
    [
      ".eJyrViotTi2Kz0xRsjI0MtZRKkmtKFGyUkqkA1CqBQDwzC2P.arE7gA.RXvNKJaHuvLJcw0yNxGtpiBsQOI",
      { user_id: 123, text: "a".repeat(100) },
    ],
  ])("of Flask is read: %s", async (value, data) => {
    const decoded = await decode(value);
    expect(decoded).toMatchObject({ format: "Flask", issuedAt: 1_790_000_000_000 });
    expect(JSON.parse(decoded?.json ?? "null")).toEqual(data);
  });

  it("of cookie-session is read in that library's format", async () => {
    const { createServer } = await import("node:http");
    const middleware = cookieSession({ name: "session", keys: ["secret"] });
    const server = createServer((request, response) => {
      middleware(request as never, response as never, () => {
        Object.assign((request as never as { session: object }).session, { user_id: 123 });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const lines = (await fetch(`http://127.0.0.1:${port}/`)).headers.getSetCookie();
    server.close();
    const value = /^session=([^;]*)/.exec(lines[0] ?? "")?.[1] ?? "";
    expect(await decode(value, "session", ["session.sig"])).toMatchObject({
      format: "cookie-session",
      json: '{"user_id":123}',
    });
    expect((await decode(value))?.notes).toEqual([
      expect.stringContaining("No signature was found next to it"),
    ]);
  });

  it("that is a JWT is read, with its own expiry", async () => {
    const token = await new SignJWT({ user_id: 123, exp: 1_800_000_000 })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new Uint8Array(32));
    expect(await decode(token)).toMatchObject({ format: "JWT (HS256)", expiresAt: 1_800_000_000_000 });
  });

  it("that is a JWT keeps numbers that JSON.parse would round", async () => {
    const part = (text: string) => Buffer.from(text).toString("base64url");
    const claims = '{"user_id":9007199254740993,"rate":1.0}';
    expect((await decode(`${part('{"alg":"HS256"}')}.${part(claims)}.c2ln`))?.json).toBe(claims);
  });

  it("that is a JWT without a signature says so", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    expect((await decode(`${part({ alg: "none" })}.${part({ a: 1 })}.`))?.notes[0]).toContain("not signed");
  });
});

describe("a cookie with a number at the end of its name", () => {
  const half = Buffer.from('{"user_id":123}').toString("base64url");
  const join = (name: string, value: string, siblings: [name: string, value: string][]) =>
    decodeCookie({ name, value, siblings: siblings.map(([name, value]) => ({ name, value })) });

  it("is joined with its siblings by number, not by their order", async () => {
    const found = await join("app.1", half.slice(5), [["app.0", half.slice(0, 5)]]);
    expect(found).toMatchObject({
      json: '{"user_id":123}',
      notes: ["Joined from app.0 and app.1.", expect.anything()],
    });
  });

  it("is read alone when no other chunk is there, and no library is known to chunk under its name", async () => {
    expect((await join("app.1", half, [["other.0", "x"]]))?.notes).toHaveLength(1);
    expect((await join("api.v2.2", half, []))?.json).toBe('{"user_id":123}');
  });

  it("is read alone when the others are complete values", async () => {
    const value = Buffer.from('{"theme":"dark"}').toString("base64");
    const siblings = [{ name: "prefs.1", value: Buffer.from('{"size":1}').toString("base64") }];
    const decoded = await decodeCookie({ name: "prefs.0", value, siblings });
    expect(decoded).toMatchObject({ format: "Base64 JSON", json: '{"theme":"dark"}' });
  });

  it("of a library that chunks reports the missing chunks before it", async () => {
    const found = await join("__Secure-next-auth.session-token.3", "x", [
      ["__Secure-next-auth.session-token.1", "x"],
    ]);
    expect(found?.notes).toEqual([
      "__Secure-next-auth.session-token.0 and __Secure-next-auth.session-token.2 are missing, so it cannot be read.",
    ]);
    expect((await join("appSession.1", "x", []))?.notes).toEqual([
      "appSession.0 is missing, so it cannot be read.",
    ]);
  });

  it("is not a chunk if no library writes such a number", async () => {
    expect((await join("app.session_data.01", half, [["app.session_data.0", "x"]]))?.json).toBe(
      '{"user_id":123}',
    );
    expect((await join("app.session_data.100", half, []))?.json).toBe('{"user_id":123}');
  });
});

describe("a chunk of a value that iron sealed", () => {
  const seal = "Fe26.2*1*salt*iv*sealed*1800000000000*salt2*hmac";
  const chunk = (at: number) => ({ name: `app.${at}`, value: seal.slice(at * 20, at * 20 + 20) });

  it("is joined with the others, whatever the name", async () => {
    expect(await decodeCookie({ ...chunk(1), siblings: [chunk(0), chunk(2)] })).toMatchObject({
      format: "iron-session",
      expiresAt: 1_800_000_000_000,
    });
  });

  it("is not read if another is missing, which is named", async () => {
    for (const [own, other] of [
      [0, 2],
      [2, 0],
    ] as const)
      expect((await decodeCookie({ ...chunk(own), siblings: [chunk(other)] }))?.notes).toEqual([
        "app.1 is missing, so it cannot be read.",
      ]);
  });

  it("is read alone if it is whole", async () => {
    const siblings = [{ name: "app.2", value: "x" }];
    expect((await decodeCookie({ name: "app.0", value: seal, siblings }))?.format).toBe("iron-session");
  });
});

describe("a token", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = (claims: object, alg = "RS256") => `${part({ alg })}.${part(claims)}.c2ln`;
  const jwe = `${part({ alg: "dir", enc: "A256GCM" })}..aXY.c2VhbGVk.dGFn`;

  it.each([
    ["__session", jwt({ sid: "sess_42" }), "Clerk, JWT (RS256)"],
    ["__session_a-B_9z0x", jwt({}), "Clerk, JWT (RS256)"],
    ["__session", jwt({ sid: "42" }), "JWT (RS256)"],
    ["__session", jwt({ sid: { toString: null } }), "JWT (RS256)"],
    ["__session_shop", jwt({}), "JWT (RS256)"],
    ["sAccessToken", jwt({}), "SuperTokens, JWT (RS256)"],
    ["sAccessTokens", jwt({}), "JWT (RS256)"],
    ["__Secure-next-auth.session-token", jwe, "NextAuth.js, JWE (dir, A256GCM)"],
    ["__Secure-authjs.session-token", jwe, "Auth.js, JWE (dir, A256GCM)"],
    ["shop.authjs.session-token", jwe, "JWE (dir, A256GCM)"],
    ["appSession", jwe, "Auth0, JWE (dir, A256GCM)"],
    ["appSession", jwt({}), "JWT (RS256)"],
    ["session", jwe, "JWE (dir, A256GCM)"],
  ])("in %s is of the library that the name and the claims show: %s", async (name, value, format) => {
    expect((await decode(value, name))?.format).toBe(format);
  });

  it("says which key would be needed to check its signature", async () => {
    expect((await decode(jwt({}, "HS256")))?.notes[0]).toContain("the server's secret");
    expect((await decode(jwt({}, "EdDSA")))?.notes[0]).toContain("the issuer's public key");
  });
});

describe("a cookie next to a hosted session", () => {
  it("says when Clerk changed who is signed in, or that no one is", async () => {
    expect((await decode("1790000000", "__client_uat"))?.issuedAt).toBe(1_790_000_000_000);
    expect(await decode("0", "__client_uat_a-B_9z0x")).toMatchObject({
      issuedAt: null,
      notes: ["It is 0: no one is signed in.", expect.anything()],
    });
    expect(await decode("1790000000", "__client_uat_shop")).toBeNull();
  });

  it("of SuperTokens is read only if it has a user and an end", async () => {
    const front = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64");
    expect((await decode(front({ uid: "42", ate: 5, up: {} }), "sFrontToken"))?.expiresAt).toBe(5);
    expect((await decode(front({ uid: "42" }), "sFrontToken"))?.format).toBe("Base64 JSON");
  });
});

describe("a value that AdonisJS signs", () => {
  const uuid = "26d5c0b4-0812-4bdc-bbeb-5b7112d38713";
  const sign = (message: unknown, purpose: string) =>
    `s%3A${Buffer.from(JSON.stringify({ message, purpose })).toString("base64url")}.${"a".repeat(43)}`;

  it("is read, or named as a key and where the session is", async () => {
    expect((await decode(sign("dark", "theme"), "theme"))?.json).toContain('"dark"');
    expect((await decode(sign(uuid, "sid"), "sid"))?.notes[0]).toContain("on the server");
    expect((await decode(sign(uuid, "sid"), "sid", [uuid]))?.notes[0]).toContain(`in the cookie ${uuid}`);
  });

  it("is not taken for one if it was signed for another cookie", async () => {
    expect((await decode(sign("dark", "theme"), "other"))?.format).not.toBe("AdonisJS");
  });
});

describe("a value that only its server can read", () => {
  const signature = createHmac("sha256", "keyboard cat").update("abc").digest("base64").replace(/=+$/, "");
  it.each([
    ["express-session", encodeURIComponent(`s:abc.${signature}`)],
    ["iron-session", "Fe26.2*1*6abc*def*"],
    ["Laravel encrypted cookie", "eyJpdiI6IkFBQUEifQ%3D%3D"],
  ])("is reported as %s", async (format, value) => {
    expect(await decode(value)).toMatchObject({ format, json: null });
  });

  it("is Auth.js's key of a row if its adapter stores the session", async () => {
    const uuid = "26d5c0b4-0812-4bdc-bbeb-5b7112d38713";
    expect(await decode(uuid, "__Secure-authjs.session-token")).toMatchObject({
      format: "Auth.js",
      notes: ["It is a key: the session itself is on the server."],
    });
    expect(await decode(uuid, "session-token")).toBeNull();
  });

  it("is not reported when its format is unknown", async () => {
    expect(await decode("k3v9abcdefghijklmnopqrstuvwxx0q2")).toBeNull();
  });
});

describe("hostile values", () => {
  it("never make a decoder throw", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^\.?[\w-]{2,9}[.:]\w{6}[.:][\w-]{27}$/)),
        async (value) => {
          expect(await decode(value)).toSatisfy(
            (found: unknown) => found === null || typeof found === "object",
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("do not inflate without limit", async () => {
    const { deflateSync } = await import("node:zlib");
    const bomb = deflateSync(`{"a":"${"0".repeat(8 * 1024 * 1024)}"}`).toString("base64url");
    expect(await decode(`.${bomb}:1xVHTU:aEO_ktiNXcZU8b7VPfk8sy14ZE1I2pKuUx_AW6zveBo`)).toBeNull();
  });
});

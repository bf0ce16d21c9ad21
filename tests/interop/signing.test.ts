/** Django's signed encoding, compared with what real Django signed and refused. */
import { createSessions, database, type Engine, signedCookies } from "session-bridge";
import { dumps, loads, loadsJson } from "session-bridge/signing";
import { describe, expect, it } from "vitest";
import { parseBase62, toBase62 } from "../../server-bridge/src/core/signing/base62.ts";
import { createSigner, deriveKey } from "../../server-bridge/src/core/signing/signer.ts";
import { expectFields, readVectors, unusedDeviations } from "./vectors.ts";

const encode = readVectors("signing_encode");
const reject = readVectors("signing_reject");
const fallbacks = readVectors("signing_fallbacks");
const legacy = readVectors("signing_legacy");
const primitives = readVectors("signing_primitives");

function sessionsOf(one: Record<string, unknown>) {
  const engine: Engine = one["backend"] === "signed_cookies" ? signedCookies() : database("sqlite::memory:");
  const fallback = (one["secret_key_fallbacks"] ?? []) as string[];
  return createSessions({
    secretKey: [String(one["secret_key"]), ...fallback],
    engine,
    djangoDefaults: true,
    clock: () => Number(one["now"] ?? 0) * 1000,
    log: () => {},
  });
}

/** The data of a session that is stored as this string, as JSON. */
function jsonOf(one: Record<string, unknown>): string {
  return sessionsOf(one).codec.decode(String(one["encoded"]))?.json ?? "{}";
}

function data(id: string): Record<string, unknown>[] {
  return (primitives.cases.find((one) => one.id === id)?.["data"] ?? []) as Record<string, unknown>[];
}

describe("a string that Django signed is read", () => {
  it.each(encode.cases)("$id", (one) => {
    expectFields(
      "signing_encode",
      one.id,
      { json: jsonOf(one) },
      { json: one["json_after_round_trip"] ?? one["json"] },
    );
  });
});

describe("the same data are signed to the same string, unless it is compressed", () => {
  it.each(encode.cases)("$id", (one) => {
    const { codec } = sessionsOf(one);
    const encoded = codec.encode(String(one["json"]));
    if (one["compressed"] === false) expect(encoded).toBe(one["encoded"]);
    expect(codec.decode(encoded)?.json).toBe(one["json_after_round_trip"] ?? one["json"]);
  });
});

describe("dumps signs as Django's signing.dumps, and loads reads it back", () => {
  it.each(encode.cases.filter((one) => one["compressed"] === false))("$id", (one) => {
    const options = {
      secretKey: String(one["secret_key"]),
      salt: String(one["salt"]),
      clock: () => Number(one["now"]) * 1000,
    };
    const value = loads(String(one["encoded"]), options);
    expect(value).toBeTypeOf("object");
    expect(loadsJson(String(one["encoded"]), options)).toBe(one["json_after_round_trip"] ?? one["json"]);
    expect(loads(dumps(value, options), options)).toEqual(value);
  });
});

describe("what Django refuses is an empty session, and what it accepts is accepted", () => {
  it.each(reject.cases)("$id: $why", async (one) => {
    const result = one["result"] as { value_json: string };
    const expected = { result: result.value_json, ...(one["after_load"] as object | undefined) };
    const sessions = sessionsOf(one);
    if (one["backend"] !== "signed_cookies") {
      expectFields("signing_reject", one.id, { result: jsonOf(one) }, expected);
      return;
    }
    const session = sessions.open(String(one["encoded"]));
    await session.load();
    const flags = { modified: session.modified, accessed: session.accessed };
    const held = sessions.codec.decode(String(one["encoded"]));
    const json = session.modified || held === null ? "{}" : held.json;
    expectFields("signing_reject", one.id, { result: json, ...flags }, expected);
  });
});

it("covers every deviation", () => expect(unusedDeviations("signing_reject")).toEqual([]));

describe("old secrets are accepted and the newest signs", () => {
  it.each(fallbacks.cases)("$id", (one) => {
    expect(jsonOf(one)).toBe((one["result"] as { value_json: string }).value_json);
    const { codec } = sessionsOf(one);
    const json = codec.decode(String(one["encoded"]))?.json;
    if (json !== undefined && one["re_encoded"]) expect(codec.encode(json)).toBe(one["re_encoded"]);
  });
});

describe("the encoding from before Django 3.1 is an empty session, as in 4.0 and later", () => {
  it.each(legacy.cases)("$id", (one) => {
    expect(jsonOf(one)).toBe((one["result"] as { value_json: string }).value_json);
  });

  it("leaves out what only 3.2 can write", () => {
    expect(legacy.elsewhere).toHaveLength(6);
    expect(legacy.elsewhere.every((id) => id.startsWith("encode-with-sha1-setting/"))).toBe(true);
  });
});

describe("the parts of the signature", () => {
  it.each(data("base62"))("writes $n in base 62 as $text", ({ n, text }) => {
    expect(toBase62(BigInt(String(n)))).toBe(text);
    expect(parseBase62(String(text))).toBe(Number(n));
  });

  it.each(data("hmac"))("derives $derived_key_hex and signs with it", (one) => {
    const secret = new TextEncoder().encode(String(one["secret_key"]));
    expect(deriveKey(secret, String(one["salt"])).export().toString("hex")).toBe(one["derived_key_hex"]);
    expect(createSigner([secret], String(one["salt"])).sign(String(one["value"]))).toBe(one["signature"]);
  });

  it.each(data("json_reserialise"))("returns $in as Python would: $python_out", (one) => {
    const { codec } = createSessions({ secretKey: "k", engine: database("sqlite::memory:"), log: () => {} });
    expect(codec.decode(codec.encode(String(one["in"])))?.json).toBe(one["python_out"]);
  });
});

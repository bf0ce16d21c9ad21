/** Secrets in strings that were encoded, several times and in several ways: in links, in JSON, in HTML (T35, T41). */
import { redactedMark } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { redactPath } from "../../../server-bridge/src/bridge/redaction/redact.ts";
import { findSecrets, looksSecret } from "../../../server-bridge/src/protocol/secrets/index.ts";
import { request } from "../../extension/logic/explain/material.ts";

const SECRET = "open-sesame1";
const MOST_LAYERS = 12;
/** The longest text that a trace shows. */
const LONGEST = 8 * 1024;

type Encode = (text: string) => string;

/** Every character that is neither a letter nor a digit, encoded in a given way. */
function each(encode: (code: number) => string): Encode {
  return (text) => text.replace(/\W/g, (letter) => encode(letter.charCodeAt(0)));
}

/** An object without its braces, inside the caller's text. */
const toJson: Encode = (text) => JSON.stringify(text);
const toHtml: Encode = (text) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

const ENCODINGS: Record<string, Encode> = {
  "percent signs": encodeURIComponent,
  "percent signs, small": (text) => encodeURIComponent(text).replace(/%../g, (sign) => sign.toLowerCase()),
  "every letter as percent signs": (text) => Buffer.from(text).toString("hex").replace(/../g, "%$&"),
  "a form, as a browser sends it": (text) => new URLSearchParams({ payload: text }).toString(),
  "a parameter of a link": (text) => `/a?data=${encodeURIComponent(text)}`,
  "HTML by names": toHtml,
  "HTML by numbers": each((code) => `&#${code};`),
  "HTML by hexadecimal numbers": each((code) => `&#x${code.toString(16)};`),
  "escapes of JSON": each((code) => `\\u${code.toString(16).padStart(4, "0")}`),
  "escapes of JavaScript": each((code) => `\\x${code.toString(16).padStart(2, "0")}`),
};

const SHAPES: Record<string, string> = {
  JSON: JSON.stringify({ user: "alice", password: SECRET }),
  "JSON with blanks": JSON.stringify({ user: "alice", password: SECRET }, null, 1),
  "an address": `postgres://shop:${SECRET}@db`,
  "a pair": `password: ${SECRET}`,
  "a link": `https://shop.example/a?token=${SECRET}&page=2`,
};

function pack(text: string, encode: Encode, times: number): string {
  return times === 0 ? text : pack(encode(text), encode, times - 1);
}

/** The text encoded once, twice, and so on, until a trace would no longer show it. */
function packings(text: string, encode: Encode): string[] {
  const packed: string[] = [];
  for (let next = encode(text); next.length <= LONGEST && packed.length < MOST_LAYERS; next = encode(next))
    packed.push(next);
  return packed;
}

/** The text with a star for each secret. */
function hide(text: string): string {
  let shown = "";
  let at = 0;
  for (const { start, end } of findSecrets(text)) {
    shown += `${text.slice(at, start)}*`;
    at = end;
  }
  return shown + text.slice(at);
}

describe("a secret is found in a text that was encoded", () => {
  for (const [how, encode] of Object.entries(ENCODINGS)) {
    it.each(Object.entries(SHAPES))(`as ${how}, however often: %s`, (_, text) => {
      for (const packed of packings(text, encode)) {
        expect(looksSecret(packed), packed).toBe(true);
        expect(hide(packed), packed).not.toContain(SECRET);
      }
    });
  }

  it("as JSON in JSON, at any depth", () => {
    const asText = (text: string): string => JSON.stringify({ body: text });
    for (const wrap of [toJson, asText])
      for (const packed of packings(SHAPES["JSON"] ?? "", wrap)) {
        expect(looksSecret(packed), packed).toBe(true);
        expect(hide(packed), packed).not.toContain(SECRET);
      }
  });

  it("in one way within another", () => {
    const encodings = Object.values(ENCODINGS);
    for (const text of Object.values(SHAPES))
      for (const inner of encodings)
        for (const outer of [...encodings, toJson]) {
          const packed = outer(inner(text));
          expect(looksSecret(packed), packed).toBe(true);
          expect(hide(packed), packed).not.toContain(SECRET);
        }
  });

  it("even if another part of it is not encoded", () => {
    const packed = encodeURIComponent(SHAPES["JSON"] ?? "");
    for (const text of [`100% of ${packed}`, `%zz ${packed}`, `${packed} %FF%FE`, `\\d & ${packed}`])
      expect(looksSecret(text), text).toBe(true);
  });

  it("even after a secret that is not encoded", () => {
    const text = `token=abcdef1 /a?data=${encodeURIComponent(SHAPES["JSON"] ?? "")}`;
    expect(hide(text)).toBe("*");
  });

  it("and a string that is encoded too often to decode counts as a secret", () => {
    expect(looksSecret(`%${"25".repeat(4)}20and`)).toBe(true);
    expect(looksSecret(`%${"25".repeat(3)}20and`)).toBe(false);
  });
});

describe("what was encoded and is not a secret stays", () => {
  const innocents = [
    "/search?q=garden%20furniture&sort=price",
    "/login?next=%2Flogin%3Fnext%3D%252Forders%252F42",
    "/a?data=%7B%22page%22%3A2%2C%22sort%22%3A%22price%22%7D",
    "Tom &amp; Jerry &lt;b&gt;",
    "the &quot;password&quot; was changed",
    "C:\\temp\\new\\users",
    "^\\d+\\.\\d*$",
    "a 100% match & more",
    '{\\"page\\":2,\\"user\\":\\"alice\\"}',
    "Z\\u00fcrich, Gr\\u00f6\\u00dfe 42",
    "Z%C3%BCrich%20HB",
  ];
  it.each(innocents)("%s", (text) => {
    expect(looksSecret(text)).toBe(false);
    expect(findSecrets(text)).toEqual([]);
  });

  it("next to a plain secret, which alone is hidden", () => {
    expect(hide(`/login?next=%2Freset%3Ftoken%3D${SECRET}%26page%3D2`)).toBe(
      "/login?next=%2Freset%3Ftoken%3D*%26page%3D2",
    );
    expect(hide(`{\\"user\\":\\"alice\\",\\"password\\":\\"${SECRET}\\"}`)).toBe(
      '{\\"user\\":\\"alice\\",\\"password\\":\\"*\\"}',
    );
  });
});

describe("a secret with a quote or a backslash in it is hidden completely, in JSON in JSON", () => {
  const values = [
    'hun"ter2',
    'hun""ter2',
    'hun\\"ter2',
    "hun\\ter2",
    'ter"2',
    "hunter2\\",
    '"hunter2',
    'hunter2\\"',
  ];
  for (const value of values)
    it.each([0, 1, 2, 3, 4])(`${value} at layer %i`, (times) => {
      const text = pack(JSON.stringify({ user: "alice", password: value, city: "Bonn" }), toJson, times);
      expect(hide(text)).not.toMatch(/hun|ter/);
      expect(hide(text)).toContain("alice");
    });

  it("and what follows it is shown", () => {
    const text = pack(JSON.stringify({ password: 'hun"ter2', city: "Bonn" }), toJson, 2);
    expect(JSON.parse(JSON.parse(hide(text)))).toBe('{"password":"*","city":"Bonn"}');
  });

  it("even if one string quotes with ' and the next doubles its backslashes", () => {
    expect(hide("{'password': 'hun\\'ter2', 'user': 'alice'}")).toBe("{'password': '*', 'user': 'alice'}");
    expect(hide("{'password': 'hun\\\\'ter2', 'user': 'alice'}")).not.toContain("ter2");
  });
});

describe("in the path of an address", () => {
  const path = (text: string): string =>
    redactPath(text, () => "00000000").replaceAll(redactedMark("00000000"), "*");

  it("a segment is hidden for what it says once it is decoded, however often", () => {
    for (const encode of [ENCODINGS["HTML by numbers"] ?? encodeURIComponent, encodeURIComponent])
      for (const step of packings(SHAPES["JSON"] ?? "", (text) => encodeURIComponent(encode(text))))
        if (step.length < 2_000) expect(path(`/a/${step}/b`), step).toMatch(/^\/a\/\*(\/b)?$/);
  });

  it("segments that are secret only together are hidden together", () => {
    expect(path(`/go/password%3A/${SECRET}`)).toBe("*");
    expect(path(`/account/reset%2F${SECRET}`)).toBe("*");
    expect(path(`https://shop.example/go/password%3A/${SECRET}`)).toBe("https://shop.example*");
    expect(path(`/go/password%3A/${SECRET}/https://shop.example/a`)).toBe("*");
  });

  it("what is not a secret stays", () => {
    for (const text of ["/caf%C3%A9/menu%20of%20today", "/a/%2Forders%2F42", "/100%/off"])
      expect(path(text)).toBe(text);
  });
});

describe("an export", () => {
  it("contains none of them, nor their secret by itself", () => {
    for (const encode of Object.values(ENCODINGS)) {
      for (const text of Object.values(SHAPES)) {
        const packed = encode(encode(text));
        const packedRequest = request({
          url: `https://shop.example/a/${encodeURIComponent(packed)}?x=${packed}`,
          error: `it was ${packed}`,
        });
        const history = { requests: [packedRequest, request({ error: SECRET })], traces: [], cookies: [] };
        const exported = exportHistory(history, new Date(0)).text;
        expect(exported, packed).not.toContain(SECRET);
        expect(exported, packed).not.toContain(JSON.stringify(packed).slice(1, -1));
      }
    }
  });
});

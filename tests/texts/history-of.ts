/** A history that contains the given strings, each in a different place. */
import type { History, ToldTrace } from "../../extension/logic/history/history-visitor.ts";
import type { NetworkRequest } from "../../extension/messages/network-request.ts";
import type { TabCookie } from "../../extension/messages/tab-cookie.ts";
import { cookie } from "../extension/logic/explain/material.ts";

/** The contents of one row of a history. */
interface Row {
  url: string;
  setCookie: string;
  error: string;
  path: string;
  key: string;
  dataJson: string;
  changed: string;
  reason: string;
  cookie: string;
}

const PLAIN: Row = {
  url: "https://shop.example/cart",
  setCookie: "theme=dark; Path=/",
  error: "none",
  path: "/cart",
  key: "a1b2…y9z0",
  dataJson: '{"cart":[]}',
  changed: "cart",
  reason: "new",
  cookie: "dark",
};

/** Where a string may be in a row. `toJson` turns one into session data. */
const PLACES: readonly ((text: string, toJson: (text: string) => string) => Partial<Row>)[] = [
  (text, toJson) => ({ dataJson: toJson(text) }),
  (text) => ({ url: `https://shop.example/${text}` }),
  (text) => ({ setCookie: `sessionid=${text}; Path=/`, cookie: text }),
  (text) => ({ setCookie: text }),
  (text) => ({ error: text, changed: text }),
  (text) => ({ path: text }),
  (text) => ({ reason: text, key: text.slice(0, 9) }),
];

/** A request, a trace and a cookie for each string. The place depends on the string's length and number. */
export function historyOf(texts: readonly string[], toJson: (text: string) => string): History {
  const rows = texts.map((text, index): Row => {
    const place = PLACES[(index + text.length) % PLACES.length];
    return { ...PLAIN, ...place?.(text, toJson) };
  });
  return { requests: rows.map(toRequest), traces: rows.map(toTrace), cookies: rows.map(toCookie) };
}

function toRequest({ url, setCookie, error }: Row, index: number): NetworkRequest {
  return {
    id: String(index),
    at: index,
    method: "GET",
    url,
    status: 200,
    type: "document",
    durationMs: 1,
    traceId: String(index),
    sentCookies: ["sessionid"],
    setCookies: [setCookie],
    fromCache: false,
    error,
  };
}

function toTrace({ path, key, dataJson, changed, reason }: Row, index: number): ToldTrace {
  const after = { key, keyId: "k", dataJson, version: "1", expiresAt: null, truncated: false };
  return {
    id: String(index),
    sequence: index,
    process: "p",
    at: index,
    origin: "request",
    server: "https://shop.example",
    request: { method: "GET", path, status: 200, durationMs: 1 },
    touched: true,
    before: null,
    after,
    changes: [{ key: changed, kind: "added" }],
    newKey: false,
    flushedKeys: null,
    operations: [{ name: "load", durationMs: 1, reason }],
    cookie: null,
    findings: [],
  };
}

function toCookie(row: Row, index: number): TabCookie {
  return cookie({ id: String(index), name: "theme", value: row.cookie, domain: "shop.example" });
}

/** Requests, cookies, traces and facts from which the cases of the rules are made. */
import type { Trace } from "session-bridge/protocol";
import { type Facts, type PastCookie, readSentCookie } from "../../../../extension/logic/explain/facts.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";

export const AT = Date.UTC(2026, 10, 24, 12);
export const DAY = 86_400_000;

export const request = (changes: Partial<NetworkRequest> = {}): NetworkRequest => ({
  id: "1",
  at: AT,
  method: "POST",
  url: "http://localhost:8000/login",
  status: 302,
  type: "document",
  durationMs: 5,
  traceId: null,
  sentCookies: [],
  setCookies: [],
  fromCache: false,
  error: null,
  ...changes,
});

export const cookie = (changes: Partial<TabCookie> = {}): TabCookie => ({
  id: "c",
  name: "sessionid",
  value: "abc",
  domain: "localhost",
  hostOnly: true,
  path: "/",
  secure: false,
  httpOnly: true,
  sameSite: "lax",
  expiresAt: null,
  storeId: "0",
  partitionKey: null,
  recognised: null,
  ...changes,
});

/** A cookie as it was before a request that carried it. */
export const carried = (changes: PastCookie = {}): PastCookie => ({ wasCarried: true, ...changes });

export const trace = (changes: Partial<Trace> = {}): Trace => ({
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  sequence: 1,
  process: "p",
  at: AT,
  origin: "request",
  request: { method: "POST", path: "/login", status: 302, durationMs: 5 },
  touched: true,
  before: null,
  after: null,
  changes: [],
  newKey: false,
  flushedKeys: null,
  operations: [],
  cookie: null,
  findings: [],
  ...changes,
});

export const side = {
  key: "abcd…wxyz",
  keyId: "k",
  dataJson: "{}",
  version: "1",
  expiresAt: null,
  truncated: false,
};

export function facts({
  line,
  name = "sessionid",
  ...changes
}: Partial<Facts> & { line?: string } = {}): Facts {
  const made = changes.request === undefined ? request() : changes.request;
  const asked = line === undefined || made === null ? made : { ...made, setCookies: [line] };
  return {
    name,
    trace: null,
    before: null,
    after: null,
    isListed: true,
    isSession: true,
    namesakes: [],
    pageUrl: "http://localhost:8000/",
    session: null,
    skewMs: null,
    otherPorts: [],
    rows: new Map(),
    overwrittenBy: [],
    panelDid: null,
    now: AT,
    ...changes,
    request: asked,
    sent: readSentCookie(asked, name),
  };
}

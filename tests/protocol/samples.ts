/** One valid message of each kind, and messages that are wrong in one place. */
import type {
  CallName,
  Calls,
  KeptCopy,
  SessionState,
  StreamEvent,
  Trace,
  TracesRequest,
} from "session-bridge/protocol";

export const traceId = "AAAAAAAAAAAAAAAAAAAAA_";

const session: SessionState = {
  key: "k3v9…x0q2",
  keyId: "keyid",
  dataJson: '{"user_id":123,"rate":1.0,"big":9007199254740993,"__proto__":{"a":1}}',
  version: "v1",
  expiresAt: 1_790_000_000_000,
  deadlines: { absolute: null, idle: 1_790_000_000_000 },
  atBrowserClose: false,
  ageSeconds: 3600,
  encoded: "e30:1abc:sig",
  bytes: 12,
};

const kept: KeptCopy = { cookie: "k", sealed: "sealed" };

export const requests: { call: CallName; body: Calls[keyof Calls]["request"] | TracesRequest }[] = [
  { call: "hello", body: { protocol: 1 } },
  { call: "session", body: { protocol: 1, cookie: "" } },
  { call: "traces", body: { protocol: 1, cookies: ["a", "b"], ids: [traceId], since: 4, process: "p" } },
  { call: "traces", body: { protocol: 1, cookies: [], ids: [], since: null, process: null } },
  {
    call: "edit",
    body: {
      protocol: 1,
      cookie: "k",
      ifVersion: "v1",
      operations: [
        { op: "set", path: ["cart", 0, "__proto__"], valueJson: "1.0" },
        { op: "delete", path: ["tmp"] },
      ],
    },
  },
  {
    call: "expiry",
    body: { protocol: 1, cookie: "k", ifVersion: "v", change: { kind: "seconds", seconds: 300 } },
  },
  {
    call: "expiry",
    body: { protocol: 1, cookie: "k", ifVersion: "v", change: { kind: "at", at: 1_790_000_000_000 } },
  },
  { call: "expiry", body: { protocol: 1, cookie: "k", ifVersion: "v", change: { kind: "browser-close" } } },
  { call: "expiry", body: { protocol: 1, cookie: "k", ifVersion: "v", change: { kind: "default" } } },
  {
    call: "expiry",
    body: { protocol: 1, cookie: "k", ifVersion: "v", change: { kind: "shift", shiftSeconds: 600.5 } },
  },
  { call: "cycle", body: { protocol: 1, cookie: "k", ifVersion: "v" } },
  { call: "flush", body: { protocol: 1, cookie: "k", ifVersion: "v" } },
  { call: "restore", body: { protocol: 1, cookie: "k", kept, replaces: null } },
  { call: "restore", body: { protocol: 1, cookie: "k", kept, replaces: "n", ifVersion: null } },
  { call: "devices", body: { protocol: 1, cookie: "k" } },
  { call: "end-others", body: { protocol: 1, cookie: "k", ifVersion: "v", keep: true } },
  { call: "restore-others", body: { protocol: 1, cookie: "k", kept } },
];

const edit = { protocol: 1, cookie: "k", ifVersion: "v" };
const traces = { protocol: 1, cookies: [], ids: [], since: null, process: null };

export const requestsToBreak: { call: CallName; body: unknown; place: string; why: string }[] = [
  { call: "hello", body: {}, place: "hello.protocol", why: "no protocol is stated" },
  { call: "hello", body: [], place: "hello", why: "the body is a list" },
  {
    call: "session",
    body: { protocol: 1, cookie: 7 },
    place: "session.cookie",
    why: "the cookie is a number",
  },
  {
    call: "session",
    body: { protocol: 1, cookie: "x".repeat(16_385) },
    place: "session.cookie",
    why: "the cookie is longer than 16 KiB",
  },
  {
    call: "traces",
    body: { ...traces, cookies: Array(33).fill("k") },
    place: "traces.cookies",
    why: "there are more than 32 proofs",
  },
  {
    call: "traces",
    body: { ...traces, ids: Array(201).fill(traceId) },
    place: "traces.ids",
    why: "there are more than 200 ids",
  },
  { call: "traces", body: { ...traces, since: -1 }, place: "traces.since", why: "since is negative" },
  ...[
    "../../etc/passwd",
    "%2e%2e%2f",
    "\0".repeat(22),
    "é".repeat(22),
    "A".repeat(23),
    "A".repeat(21),
    "",
  ].map((id) => ({
    call: "traces" as const,
    body: { ...traces, ids: [id] },
    place: "traces.ids[0]",
    why: `an id is ${JSON.stringify(id)}`,
  })),
  {
    call: "edit",
    body: { ...edit, operations: [{ op: "exec", path: ["a"] }] },
    place: "edit.operations[0].op",
    why: "an operation is neither set nor delete",
  },
  {
    call: "edit",
    body: { ...edit, operations: [{ op: "delete", path: [] }] },
    place: "edit.operations[0].path",
    why: "a path is empty",
  },
  {
    call: "edit",
    body: { ...edit, operations: [{ op: "set", path: ["a"], valueJson: { $ne: 1 } }] },
    place: "edit.operations[0].valueJson",
    why: "a value is not JSON text",
  },
  {
    call: "edit",
    body: { ...edit, operations: [{ op: "delete", path: [1.5] }] },
    place: "edit.operations[0].path[0]",
    why: "a step is a fraction",
  },
  {
    call: "edit",
    body: { ...edit, operations: Array(201).fill({ op: "delete", path: ["a"] }) },
    place: "edit.operations",
    why: "there are more than 200 operations",
  },
  {
    call: "expiry",
    body: { ...edit, change: { kind: "seconds", seconds: Number.POSITIVE_INFINITY } },
    place: "expiry.change.seconds",
    why: "seconds are not finite",
  },
  {
    call: "expiry",
    body: { ...edit, change: { kind: "never" } },
    place: "expiry.change.kind",
    why: "the kind is not known",
  },
  {
    call: "devices",
    body: { protocol: 1, user: "123" },
    place: "devices.cookie",
    why: "a user stands for the cookie",
  },
  {
    call: "end-others",
    body: { ...edit, keep: "yes" },
    place: "end-others.keep",
    why: "it does not say whether a copy is wanted",
  },
  {
    call: "end-others",
    body: { protocol: 1, cookie: "k", keep: true },
    place: "end-others.ifVersion",
    why: "no version is stated",
  },
  {
    call: "restore-others",
    body: { protocol: 1, cookie: "k", kept: [kept, kept] },
    place: "restore-others.kept",
    why: "there is more than one copy",
  },
];

export const answers: { [N in keyof Calls]: { call: N; body: Calls[N]["answer"] } }[keyof Calls][] = [
  {
    call: "hello",
    body: {
      protocol: 1,
      library: { name: "session-bridge", version: "0.1.0" },
      engine: "database",
      cookieNames: ["sessionid"],
      capabilities: ["read", "traces", "edit"],
      serverTime: 1_790_000_000_000,
      process: "p",
    },
  },
  {
    call: "hello",
    body: {
      protocol: 1,
      library: { name: "koa-session", version: "" },
      engine: "koa-session",
      cookieNames: ["koa.sess"],
      signatureNames: ["koa.sess.sig"],
      capabilities: ["prove", "read", "traces"],
      serverTime: 1_790_000_000_000,
      process: "p",
    },
  },
  {
    call: "hello",
    body: {
      protocol: 1,
      library: { name: "cookie-session", version: "" },
      engine: "cookie-session",
      cookieNames: ["session"],
      capabilities: [],
      unproven: "There are no keys. Pass them.",
      serverTime: 1_790_000_000_000,
      process: "p",
    },
  },
  {
    call: "hello",
    body: {
      protocol: 1,
      library: { name: "iron-session", version: "" },
      engine: "iron-session",
      cookieNames: ["app"],
      chunked: "whole",
      capabilities: ["prove", "read", "traces"],
      serverTime: 1_790_000_000_000,
      process: "p",
    },
  },
  { call: "session", body: { serverTime: 1, found: true, session } },
  { call: "session", body: { serverTime: 1, found: false, reason: "unknown" } },
  { call: "session", body: { serverTime: 1, found: false, reason: "unknown", acceptedUntil: 300_001 } },
  { call: "session", body: { serverTime: 1, found: false, reason: "unproven" } },
  {
    call: "edit",
    body: { serverTime: 1, session, cookie: "k", cookieExpiresAt: null, kept, traceId },
  },
  {
    call: "flush",
    body: { serverTime: 1, session: null, cookie: null, cookieExpiresAt: null, kept, traceId },
  },
  {
    call: "devices",
    body: {
      serverTime: 1,
      found: true,
      version: "v1",
      sessions: [
        { id: "a", createdAt: 1, lastSeenAt: 2, expiresAt: 3, current: true },
        { id: "b", createdAt: null, lastSeenAt: null, expiresAt: null, current: false },
      ],
      total: 300,
      complete: false,
      why: "Django may have made more. Call sessions.reindex().",
      canUndo: true,
    },
  },
  { call: "devices", body: { serverTime: 1, found: false, reason: "no-user" } },
  {
    call: "end-others",
    body: { serverTime: 1, ended: 2, complete: true, kept, keptUntil: 300_001, traceId },
  },
  {
    call: "end-others",
    body: { serverTime: 1, ended: 0, complete: false, why: "w", kept: null, keptUntil: null, traceId },
  },
  { call: "restore-others", body: { serverTime: 1, restored: 1, left: 1, traceId } },
];

export const trace: Trace = {
  id: traceId,
  sequence: 7,
  process: "p",
  at: 1_790_000_000_000,
  origin: "request",
  request: { method: "POST", path: "/login", status: 302, durationMs: 4.25 },
  touched: true,
  before: null,
  after: {
    key: "k3v9…x0q2",
    keyId: "keyid",
    dataJson: '{"user_id":123}',
    version: "v1",
    expiresAt: null,
    deadlines: { absolute: 1_790_028_800_000, idle: null },
    truncated: false,
  },
  changes: [{ key: "user_id", kind: "added", writer: "src/login.ts:41" }],
  newKey: true,
  flushedKeys: null,
  operations: [
    { name: "load", durationMs: 0.1 },
    { name: "create", durationMs: 0.2, reason: "new session" },
  ],
  cookie: {
    name: "sessionid",
    action: "set",
    maxAge: 3600,
    expiresAt: 1_790_003_600_000,
    path: "/",
    domain: null,
    secure: false,
    httpOnly: true,
    sameSite: "Lax",
  },
  findings: [
    { code: "lost-update", keys: ["cart"], traces: [traceId] },
    { code: "unmarked-change", keys: ["cart", "seen"], lines: ["shop/views.py:12", ""] },
    { code: "two-sessions" },
  ],
};

export const events: StreamEvent[] = [
  { type: "open", process: "p", serverTime: 1, newest: 7 },
  { type: "trace", trace },
  { type: "trace", trace: { ...trace, seen: "store", incomplete: "contexts" } },
  { type: "gap", reason: "evicted", from: 1, to: 4 },
  {
    type: "mismatch",
    mismatch: { of: "secret", why: "The bridge's secret is not the app's. Give it that." },
  },
  { type: "mismatch", mismatch: null },
  { type: "beat", serverTime: 2 },
  { type: "bye", reason: "the server is closing" },
];

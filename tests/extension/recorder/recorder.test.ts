/** The history of a tab's requests, built from `webRequest` and the DevTools log. */
import { describe, expect, it } from "vitest";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import type { Phase, Sighting } from "../../../extension/messages/sighting.ts";
import { watchNetworkLog } from "../../../extension/recorder/network-log.ts";
import { createRecorder } from "../../../extension/recorder/recorder.ts";

const SITE = "http://app.test";
const START = Date.UTC(2026, 0, 1);
/** When the log reports an entry. */
const HEARD = 400;

interface Step {
  id?: string;
  phase: Phase;
  at?: number;
  path?: string;
  method?: string;
  more?: Partial<Sighting>;
}

function step({ id = "1", phase, at = 0, path = "/", method = "GET", more = {} }: Step): Sighting {
  return {
    requestId: id,
    phase,
    at: START + at,
    method,
    url: `${SITE}${path}`,
    type: "main_frame",
    status: null,
    sentCookies: null,
    setCookies: null,
    traceId: null,
    fromCache: false,
    error: null,
    ...more,
  };
}

interface Har {
  at?: number;
  path?: string;
  method?: string;
  status?: number;
  time?: number;
  cookie?: string;
  setCookie?: string[];
  more?: object;
}

/** An entry as a browser passes it. */
function har({
  at = 0,
  path = "/",
  method = "GET",
  status = 200,
  time = 12,
  cookie,
  setCookie = [],
  more,
}: Har) {
  return {
    startedDateTime: new Date(START + at).toISOString(),
    time,
    request: {
      method,
      url: `${SITE}${path}`,
      headers: [{ name: "Host", value: "app.test" }, ...(cookie ? [{ name: "cookie", value: cookie }] : [])],
    },
    response: { status, headers: setCookie.map((value) => ({ name: "Set-Cookie", value })) },
    ...more,
  };
}

function open(most?: number) {
  const told: NetworkRequest[] = [];
  const recorder = createRecorder({ changed: (request) => told.push(request), ...(most && { most }) });
  const later: (() => void)[] = [];
  let log: object = {};
  let tell: (entry: object) => void = () => {};
  watchNetworkLog(
    {
      onRequestFinished: {
        addListener: (listener) => {
          tell = listener;
        },
      },
      getHAR: async () => log,
    },
    recorder,
    { now: () => START + HEARD, later: (task) => later.push(task) },
  );
  return {
    recorder,
    told,
    see: (...steps: Step[]) => {
      for (const one of steps) recorder.see(step(one));
    },
    entry: (one: Har) => tell(har(one)),
    rows: () => recorder.history().requests,
    /** What `getHAR` returns when it is called again, and the call. */
    async readAgain(entries: Har[]) {
      log = { entries: entries.map(har) };
      for (const task of later.splice(0)) task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const whole = (id: string, path: string, at = 0): Step[] => [
  { id, phase: "started", path, at },
  { id, phase: "sent", path, at: at + 1, more: { sentCookies: ["sessionid"] } },
  { id, phase: "received", path, at: at + 5, more: { status: 200, setCookies: ["a=1"] } },
  { id, phase: "completed", path, at: at + 9, more: { status: 200 } },
];

describe("one request", () => {
  it("seen only by webRequest is a row with cookies, status and duration", () => {
    const { see, rows } = open();
    see(...whole("1", "/"));
    expect(rows()).toMatchObject([
      { status: 200, type: "document", durationMs: 9, sentCookies: ["sessionid"], setCookies: ["a=1"] },
    ]);
  });

  it("seen only by the DevTools log is a row too, so recording works without access to the host", () => {
    const { entry, rows } = open();
    entry({ cookie: "sessionid=x; a=1", setCookie: ["b=2"], more: { _resourceType: "fetch" } });
    expect(rows()).toMatchObject([
      { status: 200, type: "fetch", durationMs: 12, sentCookies: ["sessionid", "a"], setCookies: ["b=2"] },
    ]);
  });

  it.each(["webRequest first", "log first"])("seen by both is one row (%s)", (order) => {
    const { see, entry, rows } = open();
    if (order === "log first") entry({ at: 3, time: 8.5 });
    see(...whole("1", "/"));
    if (order === "webRequest first") entry({ at: 3, time: 8.5 });
    expect(rows()).toMatchObject([{ durationMs: 8.5, sentCookies: ["sessionid"], setCookies: ["a=1"] }]);
    expect(rows()).toHaveLength(1);
  });

  it("is reported again with the same id whenever more is known", () => {
    const { see, entry, told } = open();
    see(...whole("1", "/"));
    entry({});
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told.map(({ status }) => status)).toEqual([null, null, 200, 200, 200]);
  });

  it("from the cache sent no cookies and set none, whatever webRequest says", () => {
    const { see, entry, rows } = open();
    see(...whole("1", "/"));
    entry({ more: { _fromCache: "disk" } });
    expect(rows()).toMatchObject([{ fromCache: true, sentCookies: [], setCookies: [] }]);
  });

  it("answered by 304 shows that status, and stays one row with webRequest's 200", () => {
    const { see, entry, rows } = open();
    see(...whole("1", "/"));
    entry({ status: 304 });
    expect(rows()).toMatchObject([{ status: 304, setCookies: ["a=1"] }]);
  });

  it("that fails has the reason", () => {
    const { see, rows } = open();
    see({ phase: "started" }, { phase: "failed", at: 4, more: { error: "net::ERR_CONNECTION_REFUSED" } });
    expect(rows()).toMatchObject([{ status: null, error: "net::ERR_CONNECTION_REFUSED", durationMs: 4 }]);
  });

  it("with nothing usable in the DevTools log has no row", () => {
    const { recorder } = open();
    const log: ((entry: object) => void)[] = [];
    watchNetworkLog(
      { onRequestFinished: { addListener: (one) => log.push(one) }, getHAR: async () => ({}) },
      recorder,
      { now: () => START, later: () => {} },
    );
    for (const bad of [{}, { request: {} }, { startedDateTime: "x", request: { method: "GET", url: "u" } }])
      log[0]?.(bad);
    expect(recorder.history().requests).toEqual([]);
  });
});

describe("several requests", () => {
  it("to one address at the same time are each joined by their start time", () => {
    const { see, entry, rows } = open();
    see(...whole("1", "/x", 0), ...whole("2", "/x", 100), ...whole("3", "/x", 200));
    entry({ path: "/x", at: 201, time: 3 });
    entry({ path: "/x", at: 101, time: 2 });
    entry({ path: "/x", at: 1, time: 1 });
    expect(rows().map(({ durationMs }) => durationMs)).toEqual([1, 2, 3]);
  });

  it("of a redirect that keeps method and address are distinguished by their status", () => {
    const { see, entry, rows } = open();
    see({ phase: "started" }, { phase: "redirected", at: 5, more: { status: 302, setCookies: ["a=1"] } });
    see({ phase: "started", at: 6 }, { phase: "completed", at: 9, more: { status: 200 } });
    entry({ at: 7, status: 200, time: 3 });
    entry({ at: 0, status: 302, time: 5 });
    expect(rows().map(({ status, durationMs }) => [status, durationMs])).toEqual([
      [302, 5],
      [200, 3],
    ]);
  });

  it("come oldest first, whichever source reported them first", () => {
    const { see, entry, rows } = open();
    entry({ path: "/late", at: 50 });
    see(...whole("1", "/early", 10));
    expect(rows().map(({ url }) => url)).toEqual([`${SITE}/early`, `${SITE}/late`]);
  });

  it("of the same address an hour later are not the same", () => {
    const { see, entry, rows } = open();
    entry({ at: 0 });
    see(...whole("1", "/", 3_600_000));
    expect(rows()).toHaveLength(2);
  });
});

describe("a login's redirect in the DevTools log", () => {
  const login = { path: "/login", method: "POST", status: 302 };

  it("is read again a little later, because Chrome reports it before it knows the cookies", async () => {
    const { entry, rows, readAgain } = open();
    entry(login);
    expect(rows()).toMatchObject([{ setCookies: [], sentCookies: [] }]);
    await readAgain([{ ...login, cookie: "seen=1", setCookie: ["sessionid=k"] }]);
    expect(rows()).toMatchObject([{ setCookies: ["sessionid=k"], sentCookies: ["seen"] }]);
  });

  it("does not take another login's cookies", async () => {
    const { entry, rows, readAgain } = open();
    entry(login);
    await readAgain([{ ...login, at: 5_000, setCookie: ["sessionid=other"] }]);
    expect(rows()).toMatchObject([{ setCookies: [] }]);
  });
});

describe("the list", () => {
  it("keeps the newest and says how many it dropped", () => {
    const { see, recorder } = open(3);
    for (let count = 0; count < 5; count++) see(...whole(`${count}`, `/${count}`, count * 10));
    expect(recorder.history()).toMatchObject({ dropped: 2 });
    expect(recorder.history().requests.map(({ url }) => url)).toEqual(
      ["/2", "/3", "/4"].map((path) => SITE + path),
    );
  });

  it("does not bring back what was cleared when a cleared request ends", () => {
    const { see, recorder, rows } = open();
    see({ phase: "started" });
    recorder.clear();
    see({ phase: "received", at: 3, more: { status: 200 } }, { phase: "completed", at: 4 });
    expect(rows()).toEqual([]);
    see(...whole("2", "/next", 10));
    expect(rows()).toHaveLength(1);
  });

  it.each(["the log", "webRequest"])(
    "does not bring back what was cleared when %s reports it later",
    (second) => {
      const { see, entry, recorder, rows, told } = open();
      if (second === "the log") see(...whole("1", "/x"));
      else entry({ path: "/x", at: 2 });
      recorder.clear();
      told.length = 0;
      if (second === "the log") entry({ path: "/x", at: 2 });
      else see(...whole("1", "/x"));
      expect(rows()).toEqual([]);
      expect(told).toEqual([]);
      see(...whole("2", "/x", 300));
      entry({ path: "/x", at: 302, time: 7 });
      expect(rows()).toMatchObject([{ durationMs: 7, sentCookies: ["sessionid"] }]);
    },
  );

  it("records nothing new while recording is off, but completes pending requests", () => {
    const { see, entry, recorder, rows } = open();
    see({ phase: "started" });
    recorder.setRecording(false);
    see(...whole("2", "/hidden", 10));
    entry({ path: "/hidden too", at: 10 });
    see({ phase: "completed", at: 20, more: { status: 200 } });
    expect(rows()).toMatchObject([{ status: 200, url: `${SITE}/` }]);
    recorder.setRecording(true);
    see(...whole("3", "/again", 30));
    expect(rows()).toHaveLength(2);
  });

  it("has a request that began before DevTools opened", () => {
    const { see, rows } = open();
    see({ phase: "completed", at: 4, more: { status: 200 } });
    expect(rows()).toMatchObject([{ status: 200 }]);
  });
});

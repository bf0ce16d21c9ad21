/**
 * A Django site, a browser and two tabs of it in memory. It knows what each request did to the session, and reports to the panel of one tab
 * late, out of order and in parts, as browsers do.
 */
import { type Signal, signal } from "@preact/signals";
import type { HelloAnswer } from "session-bridge/protocol";
import type { Reading, SpanEntry } from "../../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import type { Link } from "../../../../extension/models/connection/bridge-link.ts";
import { createSessionReadings } from "../../../../extension/models/connection/session-readings.ts";
import type { BridgePort } from "../../../../extension/ports/ports.ts";
import { fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";
import { createEventClock, type EventClock } from "./event-clock.ts";

/** What a handler does. `fixate`: a login that keeps its key. */
export type Act = "look" | "change" | "save" | "login" | "logout" | "fixate";

/** What a request really did. */
export interface Truth {
  act: Act;
  /** Keys whose values its save changed. */
  changed: readonly string[];
  newKey: boolean;
  deleted: boolean;
  /** When its response deleted the browser's cookie; null if it did not. */
  cookieEndedAt: number | null;
}

type Data = Record<string, number>;

interface State {
  time: EventClock;
  between(low: number, high: number): number;
  random(): number;
  savesEvery: boolean;
  store: Map<string, Data>;
  /** The browser's cookie, and the list of it that the panel has. */
  jar: { value: string; endsAt: number | null };
  listed: Signal<readonly TabCookie[]>;
  count: number;
  truths: Map<string, Truth>;
  /** Everything that the timeline was told, including what was later withdrawn. */
  told: { id: string; reading: Reading }[];
  spansTold: SpanEntry[];
  /** What it shows at the end. */
  readings: Map<string, Reading>;
  spans: Map<string, SpanEntry>;
  /** When the panel learned that the server has no session for the browser's cookie. */
  vain: number[];
}

const SITE = "http://localhost:8000";
const AGE_MS = 3_600_000;
/** The cookie that logout sends; any other save sends the session's key. */
const DELETION = "";

/** A stage for one play. */
export function createDjangoInMemory({ random, savesEvery }: Pick<State, "random" | "savesEvery">) {
  const time = createEventClock();
  const state: State = {
    time,
    random,
    savesEvery,
    between: (low, high) => Math.round(low + random() * (high - low)),
    store: new Map(),
    jar: { value: "", endsAt: null },
    listed: signal([]),
    count: 0,
    truths: new Map(),
    told: [],
    spansTold: [],
    readings: new Map(),
    spans: new Map(),
    vain: [],
  };
  const panel = createPanel(state);
  return {
    ...state,
    later: time.later,
    runFor: time.runFor,
    /** One request, from this tab (reported to the panel) or from another. */
    request: (act: Act, own: boolean) => request(state, act, own ? panel.saw : null),
    stop: () => panel.stop(),
  };
}

function createPanel(state: State) {
  const hello = signal<HelloAnswer | null>({
    protocol: 1,
    library: { name: "Django", version: "5.2" },
    engine: "database",
    cookieNames: ["sessionid"],
    capabilities: ["read"],
    serverTime: state.time.now(),
    process: "p1",
  });
  const link = { hello, cookies: state.listed } as unknown as Link; // the two of its signals that readings look at
  return createSessionReadings({
    bridge: createBridge(state),
    clock: state.time.clock,
    links: signal(new Map([[SITE, link]])),
    take(id, reading) {
      if (reading === null) state.readings.delete(id);
      else state.readings.set(id, reading);
      if (reading !== null) state.told.push({ id, reading });
    },
    takeSpan(id, span) {
      if (span === null) state.spans.delete(id);
      else state.spans.set(id, span);
      if (span !== null) state.spansTold.push(span);
    },
    changed: () => {},
  });
}

function createBridge(state: State): BridgePort {
  const pass = (): Promise<void> => new Promise((resolve) => state.time.later(state.between(1, 15), resolve));
  const call = async (_origin: string, _name: string, { cookie }: { cookie: string }) => {
    await pass();
    const data = state.store.get(cookie);
    const dataJson = JSON.stringify(data ?? {});
    await pass();
    const isHeld = cookie === state.jar.value;
    if (data === undefined && isHeld && !state.store.has(cookie)) state.vain.push(state.time.now());
    const found = data !== undefined;
    const answer = found ? { found, session: { keyId: cookie, dataJson } } : { found, reason: "unknown" };
    return { ok: true, answer: { serverTime: state.time.now(), ...answer } };
  };
  return { call } as unknown as BridgePort; // only `session` is called, and only these fields of its result are read
}

/** The browser stores a Set-Cookie; the panel's list is updated later, and shows what is there by then. */
function setCookie(state: State, value: string): void {
  state.jar = { value, endsAt: value === DELETION ? null : state.time.now() + AGE_MS };
  state.time.later(state.between(5, 300), () => {
    const { value: held, endsAt } = state.jar;
    state.listed.value = held === "" ? [] : [fillCookie({ value: held, expiresAt: endsAt })];
  });
}

/** What the handler does when it saves; returns the cookie that the response sets, or null. */
function save(state: State, id: string, act: Act, sent: string, loaded: Data | undefined): string | null {
  const { store, between } = state;
  const truth: Truth = { act, changed: [], newKey: false, deleted: false, cookieEndedAt: null };
  state.truths.set(id, truth);
  if (act === "logout") {
    if (sent === "") return null;
    truth.deleted = store.delete(sent);
    return DELETION;
  }
  if (act === "look" && !(state.savesEvery && loaded !== undefined)) return null;
  // Another request logged out or cycled meanwhile: Django answers 400 and saves nothing (SessionInterrupted).
  if (loaded !== undefined && !store.has(sent)) return null;
  const data = { ...loaded };
  if (act === "change") data[`k${between(1, 3)}`] = between(1, 1_000_000);
  if (act === "login" || act === "fixate") data["user_id"] = between(1, 1_000_000);
  const isCycled = act === "login" && loaded !== undefined;
  const before: Data = loaded === undefined ? {} : (store.get(sent) ?? {});
  if (isCycled) store.delete(sent);
  state.count += 1;
  const key = isCycled || loaded === undefined ? `key-${state.count}` : sent;
  store.set(key, data);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(data)])];
  truth.changed = keys.filter((each) => before[each] !== data[each]);
  truth.newKey = isCycled;
  return key;
}

/** @param saw null for a request of the other tab */
function request(state: State, act: Act, saw: ((request: NetworkRequest) => void) | null): void {
  const { time, between, random } = state;
  state.count += 1;
  const id = `r${state.count}`;
  const took = random() < 0.1 ? between(500, 2500) : between(8, 250);
  const sent = state.jar.value;
  const loadsAt = Math.min(took - 2, between(1, 5));
  const savesAt = random() < 0.2 ? between(loadsAt, took - 1) : Math.max(loadsAt, took - between(1, 6));
  const isRedirect = act === "login" || act === "logout" || random() < 0.1;
  const method = act === "look" ? "GET" : "POST";
  const begun = { id, at: time.now(), method, url: `${SITE}/${act}`, status: null, durationMs: null };
  const tell = (ms: number, more: Partial<NetworkRequest>): void => {
    if (saw !== null) time.later(ms, () => saw(fillRequest({ ...begun, ...more })));
  };
  let loaded: Data | undefined;
  let set: string | null = null;
  tell(Math.min(between(0, 60), took), {});
  time.later(loadsAt, () => {
    loaded = state.store.get(sent);
  });
  time.later(savesAt, () => {
    set = save(state, id, act, sent, loaded);
  });
  time.later(took, () => {
    const known = { status: isRedirect ? 302 : 200, durationMs: took };
    const setCookies = linesOf(set);
    if (set !== null) setCookie(state, set);
    const truth = state.truths.get(id);
    if (set === DELETION && truth !== undefined) truth.cookieEndedAt = time.now();
    // Most redirects are first reported without their cookies, and after the page that they lead to.
    const isLate = isRedirect && random() < 0.8;
    const first = between(1, 120);
    if (isLate) tell(first, { ...known, setCookies: [] });
    tell(isLate ? first + between(60, 300) : first, { ...known, setCookies });
    if (isRedirect && act !== "look") time.later(between(1, 4), () => request(state, "look", saw));
  });
}

function linesOf(set: string | null): string[] {
  if (set === null) return [];
  return [set === DELETION ? 'sessionid=""; Max-Age=0' : `sessionid=${set}; Max-Age=3600`];
}

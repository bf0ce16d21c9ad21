/**
 * For servers without traces: reads the session after requests of the tab, and reports which of them changed it, as far as the
 * readings show that (`logic/readings/attribute.ts`). One reading for a burst of requests, and one at a time for each origin.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { type HelloAnswer, PROTOCOL_VERSION, type WriteAnswer } from "session-bridge/protocol";
import { joinSetCookies, type SplitNames, splitNames } from "../../logic/chunked-cookies.ts";
import { type CookieIdentity, identityOf } from "../../logic/explain/cookie-identity.ts";
import { isDjango } from "../../logic/of-library.ts";
import { forgetOld } from "../../logic/readings/forget-old.ts";
import { cookieNow, type Known, type SessionReading } from "../../logic/readings/known.ts";
import { onlyLinesFor } from "../../logic/readings/only-lines-for.ts";
import { toAnswer } from "../../logic/readings/to-answer.ts";
import { originOf, type Reading, type SpanEntry } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { BridgePort, ClockPort } from "../../ports/ports.ts";
import type { Link } from "./bridge-link.ts";
import { createReadingTeller, type ReadingTeller } from "./reading-teller.ts";
import type { WriteInTurn } from "./serialise-writes.ts";

interface SessionReadingsOptions {
  bridge: BridgePort;
  clock: ClockPort;
  links: ReadonlySignal<ReadonlyMap<string, Link>>;
  /** Null removes an earlier reading: more is now known about that time. */
  take(requestId: string, reading: Reading | null): void;
  /** Likewise. */
  takeSpan(id: string, span: SpanEntry | null): void;
  /** A reading differs from the one before. */
  changed(): void;
}

interface SessionReadings {
  saw(request: NetworkRequest): void;
  /** Does a write by the panel in its turn, so that no reading overlaps it and blames a request for it. */
  write: WriteInTurn;
  stop(): void;
}

/** Requests that belong together, such as a redirect and the page after it, share one reading. */
const BURST_MS = 30;

/** An origin whose bridge reads and has no traces. */
interface Site {
  origin: string;
  names: readonly string[];
  /** Those among them whose cookies may be split. */
  split: SplitNames;
  /** Its session cookie as the browser listed it last; null if it never did. */
  identity: CookieIdentity | null;
  known: Known;
  teller: ReadingTeller;
  /** Readings and writes take turns. */
  queue: Promise<void>;
  /** Cancels the wait for a reading that has not begun yet; null while none is wanted. */
  wanted: (() => void) | null;
}

/** Starts taking readings if a bridge has no traces. */
export function createSessionReadings(options: SessionReadingsOptions): SessionReadings {
  const sites = new Map<string, Site>();
  const stop = effect(() => watchLinks(options, sites));

  return {
    saw(request) {
      const origin = originOf(request.url);
      for (const site of sites.values()) {
        const whole = joinSetCookies(request, site.split);
        if (site.origin === origin) see(options, site, whole);
        else seeFromElsewhere(options, site, whole);
      }
    },
    write(origin, run) {
      const site = sites.get(origin);
      return site === undefined ? run() : write(options, site, run);
    },
    stop() {
      stop();
      for (const site of sites.values()) leave(site);
    },
  };
}

/** Starts with what is there when a bridge is found, and follows the browser's list of its cookies. */
function watchLinks(options: SessionReadingsOptions, sites: Map<string, Site>): void {
  const links = options.links.value;
  const reads = (hello: HelloAnswer | null): hello is HelloAnswer =>
    hello?.capabilities.includes("read") === true && !hello.capabilities.includes("traces");
  for (const [origin, site] of sites) {
    // If the page was here before, requests of other tabs may have changed the session since.
    if (reads(links.get(origin)?.hello.value ?? null)) continue;
    leave(site);
    sites.delete(origin);
  }
  for (const [origin, link] of links) {
    const hello = link.hello.value;
    const cookies = link.cookies.value;
    if (!reads(hello)) continue;
    const site = sites.get(origin) ?? enter(options, origin, hello);
    const isNew = !sites.has(origin);
    sites.set(origin, site);
    site.names = hello.cookieNames;
    site.split = splitNames(hello);
    const [cookie] = site.names.flatMap((name) => cookies.filter((each) => each.name === name));
    if (cookie !== undefined) site.identity = identityOf(cookie);
    const state = { value: cookie?.value ?? "", endsAt: cookie?.expiresAt ?? null };
    const before = site.known.jar.at(-1);
    const isOther = before?.value !== state.value || before.endsAt !== state.endsAt;
    if (isOther) learn(site, { jar: [...site.known.jar, { ...state, seenAt: options.clock.now() }] });
    if (isNew) enqueue(site, () => read(options, site));
    else if (isOther) want(options, site);
  }
}

function enter(options: SessionReadingsOptions, origin: string, { engine, library }: HelloAnswer): Site {
  const { clock, take, takeSpan } = options;
  const site: Site = {
    origin,
    names: [],
    split: new Map(),
    identity: null,
    known: { readings: [], answers: [], jar: [] },
    teller: createReadingTeller({
      clock,
      origin,
      carried: engine === "signed_cookies",
      isSilent: !isDjango(library.name),
      take,
      takeSpan,
      isVoid: () => want(options, site),
    }),
    queue: Promise.resolve(),
    wanted: null,
  };
  return site;
}

function leave(site: Site): void {
  site.wanted?.();
  site.teller.stop();
}

/** Adds to what is known. */
function learn(site: Site, more: Partial<Known>): void {
  site.known = forgetOld({ ...site.known, ...more });
  site.teller.review(site.known);
}

/** Notes a request, and reads the session once it has its response. */
function see(options: SessionReadingsOptions, site: Site, request: NetworkRequest): void {
  const others = site.known.answers.filter(({ id }) => id !== request.id);
  const before = site.known.answers.find(({ id }) => id === request.id);
  const answer = request.fromCache ? null : toAnswer(request, site.names, before, options.clock.now());
  learn(site, { answers: answer === null ? others : [...others, answer] });
  if (answer?.toldAt == null) return;
  const isNews = before?.toldAt == null || before.sets.length !== answer.sets.length;
  if (isNews) want(options, site);
}

/** Notes a request to another origin once its response has set or deleted the site's cookie. */
function seeFromElsewhere(options: SessionReadingsOptions, site: Site, request: NetworkRequest): void {
  const about = onlyLinesFor(request, site);
  const isKnown = site.known.answers.some(({ id }) => id === request.id);
  if (about.setCookies.length > 0 || isKnown) see(options, site, about);
}

/** Schedules a reading. */
function want(options: SessionReadingsOptions, site: Site): void {
  if (site.wanted !== null) return;
  const stop = options.clock.every(BURST_MS, () => {
    stop();
    enqueue(site, async () => {
      site.wanted = null;
      await read(options, site);
    });
  });
  site.wanted = stop;
}

async function read(options: SessionReadingsOptions, site: Site): Promise<void> {
  const { clock, bridge } = options;
  const askedAt = clock.now();
  const cookie = cookieNow(site.known, askedAt);
  const found = cookie === "" ? null : await ask(bridge, site.origin, cookie);
  if (found === undefined) return;
  add(options, site, { askedAt, answeredAt: clock.now(), cookie, found, isEdit: false });
}

/** The bridge's answer about this cookie; undefined if it gives none. */
async function ask(bridge: BridgePort, origin: string, cookie: string) {
  const result = await bridge.call(origin, "session", { protocol: PROTOCOL_VERSION, cookie });
  if (!result.ok) return undefined;
  return result.answer.found ? result.answer.session : null;
}

function add(options: SessionReadingsOptions, site: Site, reading: SessionReading): void {
  const before = site.known.readings.at(-1);
  learn(site, { readings: [...site.known.readings, reading] });
  const isOther = before !== undefined && before.found?.dataJson !== reading.found?.dataJson;
  if (isOther && !reading.isEdit) options.changed();
}

function write<Result extends { ok: boolean }>(
  options: SessionReadingsOptions,
  site: Site,
  run: () => Promise<Result>,
): Promise<Result> {
  const done = Promise.withResolvers<Result>();
  enqueue(site, async () => {
    const askedAt = options.clock.now();
    const doing = run();
    done.resolve(doing);
    const result = await doing;
    if (!result.ok || !("answer" in result)) return;
    const { session, cookie } = result.answer as WriteAnswer; // the answer of each of these calls
    const answeredAt = options.clock.now();
    add(options, site, { askedAt, answeredAt, cookie: cookie ?? "", found: session, isEdit: true });
  });
  return done.promise;
}

/** A failure has been reported to those who wait for it; the next one still gets its turn. */
function enqueue(site: Site, run: () => Promise<void>): void {
  site.queue = site.queue.then(run, run);
}

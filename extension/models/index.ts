/** The models' public door: builds every model from the ports, each from those built before it, and listens. */
import { computed, effect, untracked } from "@preact/signals";
import type { SessionState } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { Ports } from "../ports/ports.ts";
import { announceChanges } from "./announce-changes.ts";
import { AccessModel } from "./connection/access.ts";
import { createConnection } from "./connection/create-connection.ts";
import { createEditing } from "./editing/create-editing.ts";
import { withWholeCookies } from "./editing/whole-cookies.ts";
import { createShowing } from "./showing/create-showing.ts";
import { createTabFacts } from "./showing/create-tab-facts.ts";

/** Everything the panel knows and can do. Ends with `Symbol.dispose`. */
export type Models = ReturnType<typeof createModels>;

/** Builds the models and starts listening to the ports. */
export function createModels(ports: Ports) {
  const { models, able, bridges, stop } = createAll(ports);
  const takeRequest = (request: NetworkRequest): void => {
    models.timeline.take(request);
    bridges.saw(request);
    models.session.saw(request);
  };
  const stops = [
    ...watchPorts(ports, models, takeRequest),
    watchEnds(models),
    watchServer(models),
    watchPage(models),
    announceChanges(models),
    stop,
  ];
  readHistory(ports, models.timeline, bridges.historyCame, takeRequest);

  return {
    ...models,
    /** Why each change is not possible now, or null if it is. */
    able,
    /** Starts or stops recording, here and in the recorder. */
    record(on: boolean) {
      models.timeline.setRecording(on);
      ports.requests.setRecording(on);
      models.announcer.say(on ? "Recording" : "Recording stopped");
    },
    clear: () => clear(ports, models),
    [Symbol.dispose]() {
      for (const stop of stops) stop();
      for (const model of Object.values(models)) model[Symbol.dispose]();
    },
  };
}

type AllModels = ReturnType<typeof createAll>["models"];

/** Builds everything, in the only order in which nothing needs what comes after it. */
function createAll(ports: Ports) {
  const facts = createTabFacts(ports);
  const { announcer, preferences, clock, timeline, list } = facts;
  const bridges = createConnection({
    ports,
    clock,
    timeline,
    cookies: computed(() => list.list.value.cookies),
  });
  const { opened, models: shown } = createShowing({
    ports: { ...ports, bridge: bridges.reading },
    facts,
    links: bridges.links,
  });
  bridges.changed.listen(() => void shown.session.read());
  const access = new AccessModel({
    ports,
    granted: () => lookAgain(shown),
    say: announcer.say,
  });
  const { able, ...editing } = createEditing({
    ...shown,
    ports: { ...ports, bridge: bridges.bridge, cookies: withWholeCookies(ports.cookies) },
    announcer,
    clock,
    timeline,
    opened,
  });
  const stop = (): void => {
    bridges.stop();
    list[Symbol.dispose]();
  };
  const models = { ...editing, ...shown, access, announcer, preferences, clock, timeline };
  return { models, able, bridges, stop };
}

/** Listens to requests, navigations and granted access. Returns how to stop. */
function watchPorts(ports: Ports, models: AllModels, take: (request: NetworkRequest) => void) {
  const { timeline, preferences, cookies, connection } = models;
  return [
    ports.requests.watch(take),
    ports.requests.watchNavigations((url, at) => {
      timeline.navigate(url, at, preferences.value.peek().preserveLog);
      connection.navigated(url, at);
      cookies.reload();
    }),
    ports.permissions.watch(() => lookAgain(models)),
  ];
}

/** Reports to the timeline the page that was found without a navigation: the first one, and any that was missed. */
function watchPage({ connection, timeline }: AllModels): () => void {
  return effect(() => {
    if (connection.pageOrigin.value === null) return;
    const url = connection.pageUrl.peek();
    if (typeof url === "string") untracked(() => timeline.showsPage(url));
  });
}

/** Makes the clock tick faster when a cookie or the stored session is about to expire. */
function watchEnds({ session, cookies, clock }: AllModels): () => void {
  return effect(() => {
    const live = session.live.value;
    const stored = live.state === "present" ? endsOf(live.session) : [];
    const cookieEnds = cookies.list.value.cookies.flatMap((cookie) => cookie.expiresAt ?? []);
    clock.watch([...cookieEnds, ...stored.map((end) => end - clock.aheadMs.value)]);
  });
}

/** Everything about a stored session that is counted down, by the server's clock. */
function endsOf({ expiresAt, deadlines }: SessionState): number[] {
  return [expiresAt, deadlines?.absolute, deadlines?.idle].filter((end) => typeof end === "number");
}

/** Sets the clock to the server whose session is shown. */
function watchServer({ connection, clock }: AllModels): () => void {
  return effect(() => clock.shows(connection.current.value?.origin.value ?? null));
}

/** Requests again what the panel may have been refused before. */
function lookAgain({ cookies, connection }: Pick<AllModels, "cookies" | "connection">): void {
  cookies.reload();
  connection.tryNow();
}

/** Removes every row or, under a filter, the rows that it shows; a history that is being viewed is closed. */
function clear(ports: Ports, { exchange, view, timeline }: AllModels): void {
  if (exchange.opened.peek() !== null) {
    exchange.close();
    return;
  }
  const shown = view.filtered.peek() ? new Set(view.rows.peek().map((entry) => entry.id)) : undefined;
  timeline.clear(shown);
  if (shown === undefined) ports.requests.clear();
  view.select(null);
  view.follow(true);
}

async function readHistory(
  ports: Ports,
  timeline: AllModels["timeline"],
  ...[came, take]: [came: () => void, take: (request: NetworkRequest) => void]
): Promise<void> {
  // Without the recorder's past the timeline starts now; new requests are still shown.
  const history = await ports.requests.history().catch(() => null);
  if (history?.recording === false) timeline.setRecording(false, 0); // when it began is not known
  timeline.takeHistory(history ?? { requests: [], dropped: 0 });
  if (history === null) return;
  came();
  for (const request of history.requests) take(request);
}

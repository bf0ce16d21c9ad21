/** The models' public door: builds every model from the ports, and joins them to each other. */
import { computed, effect } from "@preact/signals";
import { blockedCookies } from "../logic/explain/blocked-cookies.ts";
import { cookieOrigins } from "../logic/timeline/cookie-origins.ts";
import { originOf } from "../logic/timeline/entry.ts";
import type { NetworkRequest, Ports } from "../ports/ports.ts";
import { startAnnouncing } from "./announce-changes.ts";
import { AccessModel } from "./connection/access.ts";
import { ConnectionModel } from "./connection/connection.ts";
import { createReadings, writingInTurn } from "./connection/session-readings.ts";
import { createHearing } from "./connection/trace-intake.ts";
import { createChanging } from "./editing/create-editing.ts";
import { AnnouncerModel } from "./showing/announcer.ts";
import { ClockModel } from "./showing/clock.ts";
import { CookiesModel, NO_COOKIES } from "./showing/cookies.ts";
import { DecodedModel } from "./showing/decoded-cookie.ts";
import { PreferencesModel } from "./showing/preferences.ts";
import { SessionModel } from "./showing/session.ts";
import { ThemeModel } from "./showing/theme.ts";
import { TimelineModel } from "./showing/timeline.ts";
import { TreeModel } from "./showing/tree.ts";
import { ViewModel } from "./showing/view.ts";

/** Everything the panel knows and can do. Ends with `Symbol.dispose`. */
export type Models = ReturnType<typeof createModels>;

/** Builds the models and starts listening to the ports. */
export function createModels(given: Ports) {
  const bridge = writingInTurn(given.bridge, (origin, run) => readings.write(origin, run));
  const ports = { ...given, bridge };
  const announcer = new AnnouncerModel();
  const preferences = new PreferencesModel(ports.preferences);
  const clock = new ClockModel(ports.clock, ports.tab);
  const timeline = new TimelineModel(ports.clock);
  const cookies = new CookiesModel({
    port: ports.cookies,
    now: clock.now,
    time: () => ports.clock.now(),
    watch: computed(() => preferences.value.value.watch),
    names: computed(() => connection.names.value),
    origins: computed(() => cookieOrigins(timeline.entries.value)),
    blocked: computed(() =>
      blockedCookies({
        entries: timeline.entries.value,
        cookies: cookies.list.value.cookies,
        names: connection.names.value,
        pageUrl: connection.pageUrl.value ?? null,
        now: ports.clock.now(),
      }),
    ),
  });
  const all = computed(() => cookies.list.value.cookies);
  const selectedCookie = computed(() => cookies.selected.value?.cookie ?? null);
  const connection = new ConnectionModel({
    ports,
    cookies: all,
    selected: selectedCookie,
    missing: (origin) => timeline.missing(origin),
    heard: (origin, event) => hearing.heard(origin, event),
  });
  const session = new SessionModel({
    bridge: ports.bridge,
    link: connection.current,
    cookies: all,
    selected: selectedCookie,
    heard: clock.heard,
  });
  const hearing = createHearing({
    clock: ports.clock,
    timeline,
    skewMs: () => clock.skewMs.peek(),
    tellTime: clock.heard,
    reopen: (origin) => connection.links.peek().get(origin)?.reopen(),
    changed: () => void session.read(),
  });
  /** The tab's own rows, or those of a history file that is looked at. */
  const shown = computed(() => changing.exchange.opened.value ?? timeline.entries.value);
  const view = new ViewModel({
    entries: shown,
    preferences: preferences.value,
    // Which rows belong to the page of now says nothing of a history.
    cookies: computed(() => (changing.exchange.opened.value === null ? cookies.list.value : NO_COOKIES)),
  });
  const tree = new TreeModel({
    live: session.live,
    entries: shown,
    selected: view.selected,
    anchor: view.anchor,
  });
  const theme = new ThemeModel(ports.tab, preferences.value);
  const access = new AccessModel({
    ports,
    origin: () => cookies.list.peek().denied[0] ?? connection.current.peek()?.origin.peek() ?? null,
    granted: () => {
      cookies.reload();
      connection.tryNow();
    },
    say: announcer.say,
  });
  const parts = { ports, announcer, clock, cookies, connection, session, view, timeline };
  const { able, ...changing } = createChanging(parts);
  const models = {
    ...changing,
    contained: new DecodedModel({ cookie: selectedCookie, cookies: all }),
    access,
    theme,
    announcer,
    preferences,
    clock,
    timeline,
    cookies,
    connection,
    session,
    view,
    tree,
  };

  const readings = createReadings({
    bridge: ports.bridge,
    clock: ports.clock,
    links: connection.links,
    cookies: all,
    take: timeline.takeReading,
    changed: () => void session.read(),
  });
  const takeRequest = (request: NetworkRequest): void => {
    timeline.take(request);
    connection.saw(request);
    readings.saw(request);
    const origin = originOf(request.url);
    if (request.traceId !== null && origin !== null) hearing.expect(origin);
  };
  const stops = [
    ports.requests.watch(takeRequest),
    ports.requests.watchNavigations((url, at) => {
      timeline.navigate(url, at, preferences.value.peek().preserveLog);
      cookies.reload();
      connection.readPage();
    }),
    ports.permissions.watch(() => {
      cookies.reload();
      connection.tryNow();
    }),
    effect(() => {
      const live = session.live.value;
      const stored = live.state === "present" ? live.session.expiresAt : null;
      const cookieEnds = all.value.flatMap((cookie) => cookie.expiresAt ?? []);
      clock.watch(stored === null ? cookieEnds : [...cookieEnds, stored - clock.aheadMs.value]);
    }),
    hearing.stop,
    startAnnouncing(models),
    readings.stop,
  ];
  readHistory(ports, models, takeRequest);

  return {
    ...models,
    /** Why each change cannot be made now, or null where it can. */
    able,
    /** Starts or stops recording, here and in the recorder. */
    record(on: boolean) {
      timeline.setRecording(on);
      ports.requests.setRecording(on);
      announcer.say(on ? "Recording" : "Recording stopped");
    },
    /** Removes every row, or under a filter the rows that it shows; a history that is looked at is closed. */
    clear() {
      if (changing.exchange.opened.peek() !== null) return changing.exchange.close();
      const shown = view.filtered.peek() ? new Set(view.rows.peek().map((entry) => entry.id)) : undefined;
      timeline.clear(shown);
      if (shown === undefined) ports.requests.clear();
      view.select(null);
      view.follow(true);
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop();
      for (const model of Object.values(models)) model[Symbol.dispose]();
    },
  };
}

async function readHistory(
  ports: Ports,
  models: Pick<Models, "timeline" | "connection">,
  take: (request: NetworkRequest) => void,
): Promise<void> {
  try {
    const history = await ports.requests.history();
    if (history.recording === false) models.timeline.setRecording(false);
    models.timeline.takeHistory(history.requests, history.dropped);
    for (const request of history.requests) take(request);
  } catch {
    // Without the recorder's past the timeline starts now; what comes is watched all the same.
  }
}

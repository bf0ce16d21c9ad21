/** The models that the panel shows: cookies, the current bridge, its session, the timeline's view and the tree. */
import { computed, signal } from "@preact/signals";
import { blockedCookies } from "../../logic/explain/blocked-cookies.ts";
import { isDjango } from "../../logic/of-library.ts";
import { cookieOrigins } from "../../logic/timeline/cookie-origins.ts";
import type { Entry } from "../../logic/timeline/entry.ts";
import type { Ports } from "../../ports/ports.ts";
import { ConnectionModel } from "../connection/connection.ts";
import type { LinksModel } from "../connection/links.ts";
import { NO_COOKIES } from "./cookie-list.ts";
import { CookiesModel } from "./cookies.ts";
import type { TabFacts } from "./create-tab-facts.ts";
import { DecodedCookieModel } from "./decoded-cookie.ts";
import { DevicesModel } from "./devices.ts";
import { SessionModel } from "./session.ts";
import { ThemeModel } from "./theme.ts";
import { TreeModel } from "./tree.ts";
import { ViewModel } from "./view.ts";

interface ShowingParts {
  ports: Pick<Ports, "bridge" | "clock" | "tab">;
  facts: TabFacts;
  links: InstanceType<typeof LinksModel>;
}

/** Builds what is shown. */
export function createShowing({ ports, facts, links }: ShowingParts) {
  const { announcer, clock, timeline, preferences, list } = facts;
  const cookies = createCookies({ ports, facts, links });
  const all = computed(() => list.list.value.cookies);
  const selected = computed(() => cookies.selected.value?.cookie ?? null);
  const connection = new ConnectionModel(
    links,
    cookies.chosen,
    (origin) => ports.bridge.newToken?.(origin) ?? "",
  );
  const session = new SessionModel({
    bridge: ports.bridge,
    link: connection.current,
    selected,
    chosen: cookies.chosen,
    isListed: computed(() => list.loaded.value && list.failure.value === null),
    now: () => ports.clock.now(),
    heard: clock.heard,
  });
  /** Rows of a history file that is viewed instead of the tab's own; null normally. */
  const opened = signal<readonly Entry[] | null>(null);
  const entries = computed(() => opened.value ?? timeline.entries.value);
  const view = new ViewModel({
    entries,
    preferences: preferences.value,
    pin: preferences.pin,
    letPanelChoose: () => preferences.set({ pins: null, unpinned: [] }),
    say: announcer.say,
    // Which rows belong to the current page says nothing about a history.
    cookies: computed(() => (opened.value === null ? list.list.value : NO_COOKIES)),
  });
  const tree = new TreeModel({
    live: session.live,
    entries,
    selected: view.selected,
    anchor: view.anchor,
    hasStandIns: computed(() => isDjango(connection.current.value?.hello.value?.library.name)),
  });
  const devices = new DevicesModel({
    bridge: ports.bridge,
    link: connection.current,
    subject: session.subject,
    live: session.live,
    isWanted: computed(() => tree.tab.value === "devices" && clock.visible.value),
    clock: ports.clock,
    heard: clock.heard,
  });
  const theme = new ThemeModel(ports.tab, preferences.value);
  const contained = new DecodedCookieModel({ cookie: selected, cookies: all });
  return { opened, models: { cookies, connection, session, view, tree, devices, theme, contained } };
}

function createCookies({ ports, facts, links }: ShowingParts) {
  const { timeline, preferences, list, seen } = facts;
  return new CookiesModel({
    list,
    seen,
    watch: computed(() => preferences.value.value.watch),
    watchNames: computed(() => preferences.value.value.watchNames),
    entries: timeline.entries,
    names: links.names,
    split: links.split,
    origins: computed(() => cookieOrigins(timeline.entries.value)),
    blocked: computed(() =>
      blockedCookies({
        entries: timeline.entries.value,
        list: list.list.value,
        names: links.names.value,
        now: ports.clock.now(),
      }),
    ),
  });
}

/** What the panel knows of the tab and its user without any bridge: time, preferences, requests, cookies. */
import type { Ports } from "../../ports/ports.ts";
import { AnnouncerModel } from "./announcer.ts";
import { ClockModel } from "./clock.ts";
import { CookieListModel } from "./cookie-list.ts";
import { PreferencesModel } from "./preferences.ts";
import { createSeenCookies } from "./seen-cookies.ts";
import { TimelineModel } from "./timeline.ts";

/** The facts of one tab. */
export type TabFacts = ReturnType<typeof createTabFacts>;

/** Builds them. They need nothing from the models that are built later. */
export function createTabFacts(ports: Pick<Ports, "clock" | "cookies" | "preferences" | "tab">) {
  const announcer = new AnnouncerModel();
  const preferences = new PreferencesModel(ports.preferences);
  const clock = new ClockModel(ports.clock, ports.tab);
  const seen = createSeenCookies();
  const list = new CookieListModel({
    port: ports.cookies,
    now: clock.now,
    time: () => ports.clock.now(),
    seen,
  });
  const timeline = new TimelineModel({ clock: ports.clock, cookies: list });
  return { announcer, preferences, clock, timeline, seen, list };
}

/** The timeline pane. */

import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { Menu, type MenuItem } from "../../../components/common/Menu.tsx";
import { Notice } from "../../../components/notice/Notice.tsx";
import { Timeline } from "../../../components/timeline/Timeline.tsx";
import { lateRows } from "../../../extension/logic/explain/late-cookies.ts";
import { overwrittenRows } from "../../../extension/logic/explain/overwritten.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { TIMELINE_NOTICES } from "../../../extension/logic/notices/pane-notices.ts";
import type { CookiesOfRow } from "../../../extension/logic/timeline/chips.ts";
import { labelOf } from "../../../extension/logic/timeline/pins.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText, runAction } from "./run-action.ts";
import { pastOf } from "./tab-past.ts";

/** The pane. */
export function TimelinePane({ models }: { models: Models }) {
  const { view, connection, exchange } = models;
  // the rows are compared when they change, not when one is selected
  const cookies = useComputed(() => cookiesOfRows(models));
  // a file's rows may have the same ids as the tab's
  const isLive = exchange.opened.value === null;
  const [menu, setMenu] = useState<{ id: string; at: HTMLElement } | null>(null);
  return (
    <section class="timeline" aria-label="Timeline">
      <Timeline
        view={view}
        empty={<Empty models={models} />}
        page={isLive ? connection.pageOrigin.value : null}
        {...(isLive && { cookies: cookies.value })}
        onExtend={(id) => {
          view.extend(id);
          models.tree.show("changes");
        }}
        onUnpin={view.pin}
        onOpen={() => models.tree.show("changes")}
        onMenu={(id, at) => setMenu({ id, at })}
      />
      {menu !== null && (
        <Menu label="Request" items={itemsFor(models, menu.id)} at={menu.at} onClose={() => setMenu(null)} />
      )}
    </section>
  );
}

/** What the rows together show about the session cookies that one of them set. */
function cookiesOfRows(models: Models): ReadonlyMap<string, CookiesOfRow> {
  const names = models.connection.names.value;
  const past = pastOf(models);
  const overwrote = overwrittenRows(names, past);
  // the time is needed only for what has expired by now, and such a cookie leaves the list
  const now = models.clock.now.peek();
  const late = lateRows(names, {
    ...past,
    list: models.cookies.list.value,
    split: models.connection.split.value,
    now,
  });
  const ids = new Set([...overwrote.keys(), ...late.keys()]);
  return new Map(
    [...ids].map((id) => [id, { overwrote: overwrote.get(id) ?? null, late: late.get(id) ?? null }]),
  );
}

function itemsFor(models: Models, id: string): MenuItem[] {
  const entry = models.view.rows.peek().find((each) => each.id === id);
  if (entry === undefined || entry.type === "note") return [{ label: "Clear", run: () => models.clear() }];
  const items: MenuItem[] = [
    { label: "Show changes", run: () => models.tree.show("changes") },
    { label: "Show contents after it", run: () => models.tree.show("contents") },
  ];
  if (entry.type === "request") {
    const { request } = entry;
    items.push(
      {
        label: "Show in Network",
        off: models.access.networkOff.value,
        run: () => models.access.showInNetwork(request),
      },
      { label: "Copy address", run: () => copyText(models, request.url, "the address") },
    );
  }
  items.push({ label: "Copy as text", run: () => copyText(models, labelOf(entry), "the request") });
  return items;
}

function Empty({ models }: { models: Models }) {
  const { view, preferences, timeline, exchange } = models;
  const text = firstNotice(TIMELINE_NOTICES, {
    filter: view.filterText.value.trim(),
    changesOnly: preferences.value.value.changesOnly,
    hidden: view.counts.value.hidden,
    recording: timeline.recording.value,
    fromFile: exchange.opened.value !== null,
  });
  return text && <Notice {...text} onButton={() => runAction(models, text)} />;
}

/** The session pane: views of one session, now or as it was. */
import { Tabs } from "../../../components/common/Tabs.tsx";
import { ShownRow } from "../../../components/session/ShownRow.tsx";
import "../../../components/session/session.css";
import { nameRow } from "../../../extension/logic/timeline/row-name.ts";
import type { Models } from "../../../extension/models/index.ts";
import type { Tab } from "../../../extension/models/showing/tree.ts";
import { ChangesTab } from "./ChangesTab.tsx";
import { ContentsTab } from "./ContentsTab.tsx";
import { CookieTab } from "./CookieTab.tsx";
import { DevicesTab } from "./DevicesTab.tsx";
import { OriginLine } from "./OriginLine.tsx";
import { RawTab } from "./RawTab.tsx";
import { WhyTab } from "./WhyTab.tsx";

const TABS: readonly { id: Tab; title: string }[] = [
  { id: "contents", title: "Contents" },
  { id: "changes", title: "Changes" },
  { id: "why", title: "Why?" },
  { id: "cookie", title: "Cookie" },
  { id: "raw", title: "Raw" },
];
/** Only if the bridge can list them. */
const DEVICES = { id: "devices", title: "Devices" } as const;

/** The pane with its tabs. */
export function SessionPane({ models }: { models: Models }) {
  const { tree, view } = models;
  const { isOffered } = models.devices;
  const tab = tree.tab.value === "devices" && !isOffered.value ? "contents" : tree.tab.value;
  const rows = [view.anchor.value, view.selected.value]
    .filter((row) => row !== null)
    .toSorted((one, other) => one.at - other.at)
    .map(nameRow);
  return (
    <section class="session" aria-label="Session">
      <OriginLine models={models} />
      <Tabs
        label="Session views"
        tabs={isOffered.value ? [...TABS, DEVICES] : TABS}
        selected={tab}
        onSelect={tree.show}
      >
        {["contents", "changes", "why"].includes(tab) && (
          <ShownRow
            row={rows.at(-1) ?? null}
            from={rows.length > 1 ? (rows[0] ?? null) : null}
            onNow={() => view.select(null)}
          />
        )}
        {tab === "contents" && <ContentsTab models={models} />}
        {tab === "changes" && <ChangesTab models={models} />}
        {tab === "why" && <WhyTab models={models} />}
        {tab === "cookie" && <CookieTab models={models} />}
        {tab === "raw" && <RawTab models={models} />}
        {tab === "devices" && <DevicesTab models={models} />}
      </Tabs>
    </section>
  );
}

/** The timeline pane. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Timeline } from "../../../components/timeline/Timeline.tsx";
import { noRows } from "../logic/notices.ts";
import type { Models } from "../models/index.ts";
import { runAction } from "./actions.ts";

export function TimelinePart({ models }: { models: Models }) {
  const { view, preferences } = models;
  return (
    <section class="timeline" aria-label="Timeline">
      <Timeline
        rows={view.rows.value}
        selectedId={view.selected.value?.id ?? null}
        anchorId={view.anchor.value?.id ?? null}
        pins={view.pins.value}
        pinned={view.pinned.value}
        following={view.following.value}
        unseen={view.unseen.value}
        empty={<Empty models={models} />}
        onSelect={view.select}
        onExtend={view.extend}
        onFollow={view.follow}
        onUnpin={preferences.pin}
        onOpen={() => models.tree.show("changes")}
        onMenu={() => {}}
      />
    </section>
  );
}

function Empty({ models }: { models: Models }) {
  const { view } = models;
  const text = noRows(view.filterText.value.trim(), view.filtered.value ? view.counts.value.total : 0);
  return <Notice {...text} onButton={() => runAction(models, text.action)} />;
}

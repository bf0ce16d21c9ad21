/** Changes: before and after of the selected request, or the difference of two. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Changes } from "../../../components/session/Changes.tsx";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { CHANGES_NOTICES } from "../../../extension/logic/notices/row-notices.ts";
import { type Entry, traceOf } from "../../../extension/logic/timeline/entry.ts";
import { nameRow } from "../../../extension/logic/timeline/row-name.ts";
import type { Models } from "../../../extension/models/index.ts";
import { rowFacts } from "./notice-facts.ts";
import { runAction } from "./run-action.ts";

/** The tab. */
export function ChangesTab({ models }: { models: Models }) {
  const { view, tree } = models;
  const selected = view.selected.value;
  const anchor = view.anchor.value;
  const changes = tree.changes.value;
  if (selected === null || changes.length === 0) {
    const row = selected && rowFacts(models, selected);
    const text = firstNotice(CHANGES_NOTICES, { row, anchor });
    return text && <Notice {...text} onButton={() => runAction(models, text)} />;
  }
  if (anchor === null)
    return <Changes changes={changes} before="Before" after="After" writers={writersOf(selected)} />;
  const [from, to] = anchor.at <= selected.at ? [anchor, selected] : [selected, anchor];
  return <Changes changes={changes} before={`After ${nameRow(from)}`} after={`After ${nameRow(to)}`} />;
}

/** Who wrote each key in this request, as far as its trace tells. */
function writersOf(entry: Entry): ReadonlyMap<string, string> {
  const changes = traceOf(entry)?.changes ?? [];
  return new Map(changes.flatMap(({ key, writer }) => (writer === undefined ? [] : [[key, writer]])));
}

/** Changes: before and after of the selected request, or the difference of two. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Changes } from "../../../components/session/Changes.tsx";
import { labelOf } from "../../../extension/logic/timeline/pins.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The tab. */
export function ChangesTab({ models }: { models: Models }) {
  const { view, tree } = models;
  const selected = view.selected.value;
  const anchor = view.anchor.value;
  if (selected === null) {
    return (
      <Notice
        title="Choose a request"
        sentence="Its changes show here. Choose a second one with Shift to compare the two."
      />
    );
  }
  const changes = tree.changes.value;
  if (changes.length === 0) {
    const sentence =
      anchor === null ? "This request left the session as it was." : "The session was the same after both.";
    return <Notice title="No difference" sentence={sentence} />;
  }
  if (anchor === null) return <Changes changes={changes} before="Before" after="After" />;
  const [from, to] = anchor.at <= selected.at ? [anchor, selected] : [selected, anchor];
  return <Changes changes={changes} before={`After ${labelOf(from)}`} after={`After ${labelOf(to)}`} />;
}

/** What the tab did so far, as the rules about cookies of several servers read it. */
import type { TabPast } from "../../../extension/logic/explain/overwritten.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The rows, what this panel deleted, and the bridges that answer now. */
export function pastOf({ timeline, cookieEditor, connection }: Models): TabPast {
  const ready = [...connection.links.value].flatMap(([origin, link]) => {
    const state = link.state.value;
    return state.state === "ready" ? [{ origin, hello: state.hello }] : [];
  });
  return {
    entries: timeline.entries.value,
    removed: cookieEditor.removed.value,
    unrecorded: timeline.unrecorded(),
    running: new Map(ready.map(({ origin, hello }) => [origin, hello.process])),
    libraries: new Map(ready.map(({ origin, hello }) => [origin, hello.library.name])),
  };
}

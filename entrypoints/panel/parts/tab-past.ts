/** What the tab did so far, as the rules about cookies of several servers read it. */
import type { TabPast } from "../../../extension/logic/explain/overwritten.ts";
import type { Models } from "../../../extension/models/index.ts";

/**
 * The rows, what this panel deleted, and the bridges that answer now. Origins that are read through one place are one app: if
 * several processes answer there, the one that answered first stands for all.
 */
export function pastOf({ timeline, cookieEditor, connection }: Models): TabPast {
  const ready = [...connection.links.value].flatMap(([origin, link]) => {
    const state = link.state.value;
    return state.state === "ready" ? [{ origin, hello: state.hello, place: link.place.value }] : [];
  });
  const processes = new Map<string, string>();
  for (const { place, hello } of ready) if (!processes.has(place)) processes.set(place, hello.process);
  return {
    entries: timeline.entries.value,
    removed: cookieEditor.removed.value,
    unrecorded: timeline.unrecorded(),
    running: new Map(
      ready.map(({ origin, hello, place }) => [origin, processes.get(place) ?? hello.process]),
    ),
    libraries: new Map(ready.map(({ origin, hello }) => [origin, hello.library.name])),
  };
}

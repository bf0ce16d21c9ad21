/**
 * `cycleKey`: moves the session's data to a new key and deletes the old session. It is a compare-and-swap like every
 * save, so no change by another request is lost. A session that was deleted in the meantime is still stored under the
 * new key, as in Django.
 *
 * @source django/contrib/sessions/backends/base.py cycle_key
 */
import type { Draft } from "../data/session-data.ts";
import { fetchStored, isToBeFetched, touch } from "./load.ts";
import { drawKey, storeUnderNewKey } from "./new-key.ts";
import type { Operation } from "./operations.ts";
import { carry } from "./save.ts";
import type { DeferredCycle, SessionState } from "./state.ts";

/** Moves the data to a new key and deletes the old session: now, or with the response's own save. */
export function cycleSession(state: SessionState): Operation {
  const { engine } = state.context;
  const mustWait = state.busy || (isToBeFetched(state) && engine.loadSync === undefined);
  if (mustWait || engine.keeping === "carried") return state.queue.run(() => cycleNow(state));
  let draft: Draft;
  try {
    draft = touch(state).draft();
  } catch (error) {
    return state.queue.run(() => Promise.reject(error));
  }
  const cycle: DeferredCycle = { draft, oldKey: state.key, absorbedBy: null };
  const drawn = drawKey(state, state.key);
  state.key = drawn;
  state.modified = true;
  state.deferred = cycle;
  return state.queue.run(async () => {
    await null;
    if (state.deferred !== cycle) return cycle.absorbedBy ?? undefined;
    state.deferred = null;
    await storeUnderNewKey(state, "cycle", { draft, oldKey: cycle.oldKey, drawn });
  });
}

/** The response's save, combined with a cycle that has not reached the store yet. */
export function saveWithCycle(state: SessionState, cycle: DeferredCycle): Promise<void> {
  const data = touch(state);
  state.deferred = null;
  let { draft } = cycle;
  if (!data.isAsIn(draft)) {
    data.restore(draft);
    draft = data.draft();
  }
  const drawn = state.key ?? undefined;
  cycle.absorbedBy = storeUnderNewKey(state, "cycle", { draft, oldKey: cycle.oldKey, drawn });
  return cycle.absorbedBy;
}

async function cycleNow(state: SessionState): Promise<void> {
  const { engine } = state.context;
  if (engine.loadSync === undefined) await fetchStored(state);
  touch(state);
  if (engine.keeping === "carried") return carry(state);
  state.modified = true;
  await storeUnderNewKey(state, "cycle", { oldKey: state.key });
}

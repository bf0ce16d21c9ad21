/**
 * `cycleKey`: the session's data under a new key, the old session gone. A compare-and-swap as every save, so that no change of
 * another request is lost. What was deleted meanwhile is stored under the new key all the same, as Django does.
 *
 * @source django/contrib/sessions/backends/base.py cycle_key
 */
import type { DeferredCycle } from "../../deferred-cycle.ts";
import type { Draft } from "../data/draft.ts";
import type { Operation } from "./operations.ts";
import type { SessionCore } from "./state.ts";
import { carry, fetchStored, isToBeFetched, store } from "./write.ts";

/** Moves the data to a new key and deletes the old session: now, or with the response's own save. */
export function cycleSession(core: SessionCore): Operation {
  const { engine } = core.sessions;
  const mustWait = core.queue.busy || (isToBeFetched(core) && engine.loadSync === undefined);
  if (mustWait || engine.keeping === "carried") return core.queue.run(() => cycleNow(core));
  let draft: Draft;
  try {
    draft = core.touch().draft();
  } catch (error) {
    return core.queue.run(() => Promise.reject(error));
  }
  const cycle: DeferredCycle = { draft, oldKey: core.key, absorbedBy: null };
  core.key = core.sessions.newKey();
  core.modified = true;
  core.deferred = cycle;
  return core.queue.run(async () => {
    await null;
    if (core.deferred !== cycle) return cycle.absorbedBy ?? undefined;
    core.deferred = null;
    await store(core, "cycle", draft, cycle.oldKey, core.key);
  });
}

/** The response's save, and with it a cycle that has not gone to the store yet. */
export function saveWithCycle(core: SessionCore, cycle: DeferredCycle): Promise<void> {
  const data = core.touch();
  core.deferred = null;
  let draft = cycle.draft;
  if (!data.isAsIn(draft)) {
    data.restore(draft);
    draft = data.draft();
  }
  cycle.absorbedBy = store(core, "cycle", draft, cycle.oldKey, core.key);
  return cycle.absorbedBy;
}

async function cycleNow(core: SessionCore): Promise<void> {
  const { engine } = core.sessions;
  if (engine.loadSync === undefined) await fetchStored(core);
  const data = core.touch();
  if (engine.keeping === "carried") return carry(core);
  core.modified = true;
  await store(core, "cycle", data.draft(), core.key);
}

/**
 * What a session does to its store: create, save, cycle, flush. Every save is a compare-and-swap; who loses the race lays
 * its own changes over the newer session and tries again, and what was deleted meanwhile is never brought back.
 *
 * @source django/contrib/sessions/backends/base.py and db.py
 */

import type { Draft } from "../data/draft.ts";
import { Data } from "../data/session-data.ts";
import { expiryEnd, expiryIn } from "../django/expiry.ts";
import type { End, RenameResult, Stored, UpdateResult } from "../engines/engine.ts";
import { renameSession } from "../engines/rename.ts";
import { SessionError } from "../errors.ts";
import type { SessionCore } from "./state.ts";

/** A race lost so often is no race: something rewrites the session without end. */
const MAX_ATTEMPTS = 1000;
/** What RFC 6265 asks of browsers: 4096 bytes for name, value and attributes. */
const MAX_COOKIE_BYTES = 4096;

/** True while the engine has not been asked yet, and can be. */
export function isToBeFetched(core: SessionCore): boolean {
  return core.data === null && core.fetched === undefined && core.canBeStored();
}

/** Asks the engine, without looking at the data yet. */
export async function fetchStored(core: SessionCore): Promise<void> {
  if (core.key === null || !isToBeFetched(core)) return;
  const start = startOf(core);
  core.fetched = await core.sessions.engine.load(core.key);
  core.report("load", start, whyEmpty(core.fetched));
}

/** Why the engine's answer makes the session an empty one; undefined where it does not. */
export function whyEmpty(stored: Stored | "expired" | null): string | undefined {
  if (stored === null) return "unknown key";
  return stored === "expired" ? "expired" : undefined;
}

/** Stores the data: as a new session where there is no key, else in place of what was loaded. */
export function saveSession(core: SessionCore, mustCreate = false): Promise<void> {
  if (core.sessions.engine.keeping === "carried") return carryLater(core);
  if (core.key === null) return createSession(core);
  if (mustCreate) return insert(core, core.key);
  if (core.data === null) return loadAndReplace(core, core.key);
  core.accessed = true;
  return replace(core, core.key, core.data);
}

/** Stores the data under a new key. What an older key holds stays there. */
export async function createSession(core: SessionCore): Promise<void> {
  if (core.sessions.engine.keeping === "carried") {
    core.modified = true;
    return;
  }
  core.accessed = true;
  core.modified = true;
  core.data ??= new Data();
  await store(core, "create", core.data.draft(), null);
}

/** Deletes what is stored under `key`. */
export async function deleteStored(core: SessionCore, key: string, name: "delete" | "flush"): Promise<void> {
  const start = startOf(core);
  await core.sessions.engine.delete(key);
  core.report(name, start);
}

/**
 * Stores a draft under a new key. The key is the session's from the first draw on.
 *
 * @param oldKey the session to delete in the same step
 * @param drawn a key that was drawn before
 */
export async function store(
  core: SessionCore,
  name: "create" | "cycle",
  draft: Draft,
  oldKey: string | null,
  drawn: string | null = null,
): Promise<void> {
  const { data, sessions } = core;
  const { engine } = sessions;
  const start = startOf(core);
  const before = drawn === null ? core.key : oldKey;
  let inHand: Draft | null = draft;
  let replaced = core.text;
  try {
    let { text, end } = encode(core, draft);
    core.key = drawn ?? sessions.newKey();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const key: string = core.key;
      const put: Promise<boolean | RenameResult> =
        oldKey === null
          ? engine.create(key, text, end)
          : renameSession(engine, key, { text, end }, { key: oldKey, text: replaced });
      const result = await put;
      if (result === true || result === "saved") {
        settle(core, key, inHand, text, end);
        core.report(name, start);
        return;
      }
      if (result === "gone") {
        replaced = null; // as in Django, whoever takes a new key keeps his data though the old session was deleted meanwhile
      } else if (result === "conflict" && oldKey !== null && data !== null) {
        data.restore(inHand);
        inHand = null;
        await takeNewer(core, oldKey, data);
        inHand = data.draft();
        ({ text, end } = encode(core, inHand));
        replaced = core.text;
      } else core.key = sessions.newKey();
    }
    throw new SessionError("engine", `No free key found in ${MAX_ATTEMPTS} draws. Check the option random.`);
  } catch (error) {
    core.key = before; // nothing is stored under the new one, and a second try must find what there is
    if (inHand !== null) data?.restore(inHand);
    throw error;
  }
}

/** Django's `save(must_create=True)`: under this very key, which must be free. */
async function insert(core: SessionCore, key: string): Promise<void> {
  core.accessed = true;
  core.data ??= new Data();
  const draft = core.data.draft();
  try {
    const { text, end } = encode(core, draft);
    if (!(await core.sessions.engine.create(key, text, end))) {
      throw new SessionError(
        "key-taken",
        "save({ mustCreate: true }): a session is stored under this key. Use save() to replace it.",
      );
    }
    settle(core, key, draft, text, end);
  } catch (error) {
    core.data.restore(draft);
    throw error;
  }
}

async function loadAndReplace(core: SessionCore, key: string): Promise<void> {
  const { engine, newKey } = core.sessions;
  if (engine.looksBeforeLoading === true && !(core.canBeStored() && (await engine.exists(key)))) throw gone();
  if (engine.loadSync === undefined) await fetchStored(core);
  const data = core.touch();
  core.key ??= newKey(); // the key was unknown: Django draws one, and then finds nothing to update
  await replace(core, core.key, data);
}

/** The compare-and-swap, again and again on the newest session until it is won or there is nothing left to win. */
async function replace(core: SessionCore, key: string, data: Data): Promise<void> {
  const start = startOf(core);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const draft = data.draft();
    let result: UpdateResult = "gone";
    try {
      if (core.canBeStored()) {
        const { text, end } = encode(core, draft);
        result = await core.sessions.engine.update(key, text, end, core.text);
        if (result === "saved") {
          settle(core, key, draft, text, end);
          core.report("save", start);
          return;
        }
      }
    } catch (error) {
      data.restore(draft);
      throw error;
    }
    data.restore(draft);
    if (result === "gone") throw gone();
    await takeNewer(core, key, data);
  }
  throw new SessionError(
    "engine",
    `The session was rewritten ${MAX_ATTEMPTS} times while it was being saved.`,
  );
}

/** Another request saved first: its session becomes the base of ours. */
async function takeNewer(core: SessionCore, key: string, data: Data): Promise<void> {
  const { engine, codec } = core.sessions;
  const start = startOf(core);
  const stored: Stored | "expired" | null = engine.loadSync?.(key) ?? (await engine.load(key));
  if (stored === null || stored === "expired") throw gone();
  core.text = stored.text;
  const contents = codec.decode(stored.text, key);
  if (contents === null) {
    core.reportDamage();
    return; // as in Django, this session's own data replace what nobody can read
  }
  for (const conflict of data.rebase(contents)) core.conflicts.add(conflict);
  core.report("merge", start, "another request saved first");
}

async function carryLater(core: SessionCore): Promise<void> {
  carry(core);
}

/** Signed cookies: the text is the key. */
export function carry(core: SessionCore): void {
  const data = core.touch();
  core.modified = true;
  const draft = data.draft();
  const { text, end } = encode(core, draft);
  const bytes = text.length + core.sessions.settings.cookieName.length;
  if (bytes > MAX_COOKIE_BYTES) {
    data.restore(draft);
    throw new SessionError("too-large", tooLarge(bytes, draft));
  }
  settle(core, text, draft, text, end);
  core.key = text;
  core.report("save", 0);
}

function tooLarge(bytes: number, draft: Draft): string {
  const sizes = [...draft.contents.entries].map(([key, text]) => ({ key, size: key.length + text.length }));
  const largest = sizes.sort((left, right) => right.size - left.size).slice(0, 3);
  const names = largest.map(({ key, size }) => `${key} (${size} bytes)`).join(", ");
  return `The session makes a cookie of ${bytes} bytes; browsers drop what is over ${MAX_COOKIE_BYTES}. Largest: ${names}. Keep less in it, or use an engine that stores.`;
}

function encode(core: SessionCore, draft: Draft): { text: string; end: End } {
  const { codec, clock, settings } = core.sessions;
  const end = expiryEnd(expiryIn(draft.contents), clock(), settings);
  return { text: codec.encode(draft.contents.json), end };
}

function settle(core: SessionCore, key: string, draft: Draft, text: string, end: End): void {
  core.data?.stored(draft);
  core.text = text;
  core.end = end;
  core.sessions.codec.remember(key, text, draft.contents);
}

/** The time of an operation's beginning, where somebody watches. */
function startOf(core: SessionCore): number {
  return core.observation === undefined ? 0 : performance.now();
}

function gone(): SessionError {
  return new SessionError(
    "session-gone",
    "The session was deleted while this request was using it, perhaps by a logout in another one, so nothing was saved.",
  );
}

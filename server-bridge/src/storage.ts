/**
 * What a session does to its store: create, save, cycle, flush. Every save is a compare-and-swap; who loses the race lays
 * its own changes over the newer session and tries again, and what was deleted meanwhile is never brought back.
 *
 * @source django/contrib/sessions/backends/base.py and db.py
 */
import { Data, type Draft } from "./data.ts";
import type { End, Stored, UpdateResult } from "./engines/engine.ts";
import { SessionError } from "./errors.ts";
import { expiryEnd, expiryIn } from "./expiry.ts";
import { EMPTY } from "./json.ts";
import type { SessionCore } from "./session-core.ts";

/** A race lost so often is no race: something rewrites the session without end. */
const MAX_ATTEMPTS = 1000;
/** What RFC 6265 asks of browsers: 4096 bytes for name, value and attributes. */
const MAX_COOKIE_BYTES = 4096;

/** Asks the engine, without looking at the data yet. */
export async function fetchStored(core: SessionCore): Promise<void> {
  if (core.data !== null || core.fetched !== undefined || core.key === null || !core.canBeStored()) return;
  const start = performance.now();
  core.fetched = await core.sessions.engine.load(core.key);
  core.report("load", start);
}

/** Stores the data: as a new session where there is no key, else in place of what was loaded. */
export async function saveSession(core: SessionCore, mustCreate = false): Promise<void> {
  const { engine } = core.sessions;
  if (engine.keeping === "carried") return carry(core);
  if (core.key === null) return createSession(core);
  if (mustCreate) return insert(core, core.key);
  if (core.data === null) await loadForSave(core, core.key);
  core.accessed = true;
  core.key ??= core.sessions.newKey(); // the key was unknown: Django draws one, and then finds nothing to update
  await replace(core, core.key);
}

/** Stores the data under a new key. What an older key holds stays there. */
export async function createSession(core: SessionCore): Promise<void> {
  if (core.sessions.engine.keeping === "carried") {
    core.modified = true;
    return;
  }
  await store(core, "create", (key, text, end) => core.sessions.engine.create(key, text, end));
}

/** Moves the data to a new key and deletes the old session. */
export async function cycleSession(core: SessionCore): Promise<void> {
  const { engine } = core.sessions;
  if (core.data === null && engine.loadSync === undefined) await fetchStored(core);
  core.touch();
  if (engine.keeping === "carried") return carry(core);
  const oldKey = core.key;
  await store(core, "cycle", async (key, text, end) => {
    if (oldKey === null) return engine.create(key, text, end);
    if (engine.rename !== undefined) return engine.rename(key, text, end, oldKey);
    const made = await engine.create(key, text, end);
    if (made) await engine.delete(oldKey);
    return made;
  });
}

/** Deletes what is stored under `key`. */
export async function deleteStored(core: SessionCore, key: string, name: "delete" | "flush"): Promise<void> {
  const start = performance.now();
  await core.sessions.engine.delete(key);
  core.report(name, start);
}

/** Draws keys until one is free. The key is the session's from the first draw on. */
async function store(
  core: SessionCore,
  name: "create" | "cycle",
  put: (key: string, text: string, end: End) => Promise<boolean>,
): Promise<void> {
  core.accessed = true;
  core.modified = true;
  core.data ??= new Data();
  const { data } = core;
  const draft = data.draft();
  const start = performance.now();
  try {
    const { text, end } = encode(core, draft);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const key = core.sessions.newKey();
      core.key = key;
      if (!(await put(key, text, end))) continue;
      settle(core, key, draft, text, end);
      core.report(name, start);
      return;
    }
  } catch (error) {
    data.restore(draft);
    throw error;
  }
  data.restore(draft);
  throw new SessionError("engine", `No free key found in ${MAX_ATTEMPTS} draws. Check the option random.`);
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

async function loadForSave(core: SessionCore, key: string): Promise<void> {
  const { engine } = core.sessions;
  if (engine.looksBeforeLoading === true && !(core.canBeStored() && (await engine.exists(key)))) throw gone();
  if (engine.loadSync === undefined) await fetchStored(core);
  core.touch();
}

/** The compare-and-swap, again and again on the newest session until it is won or there is nothing left to win. */
async function replace(core: SessionCore, key: string): Promise<void> {
  const data = core.touch();
  const start = performance.now();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const draft = data.draft();
    const result = await swap(core, key, data, draft);
    if (result === "saved") {
      core.report("save", start);
      return;
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

async function swap(core: SessionCore, key: string, data: Data, draft: Draft): Promise<UpdateResult> {
  if (!core.canBeStored()) return "gone";
  try {
    const { text, end } = encode(core, draft);
    const result = await core.sessions.engine.update(key, text, end, core.text);
    if (result === "saved") settle(core, key, draft, text, end);
    return result;
  } catch (error) {
    data.restore(draft);
    throw error;
  }
}

/** Another request saved first: its session becomes the base of ours. */
async function takeNewer(core: SessionCore, key: string, data: Data): Promise<void> {
  const { engine, codec } = core.sessions;
  const start = performance.now();
  const stored: Stored | "expired" | null = engine.loadSync?.(key) ?? (await engine.load(key));
  if (stored === null || stored === "expired") throw gone();
  const conflicts = data.rebase(codec.decode(stored.text, key) ?? EMPTY);
  for (const conflict of conflicts) core.conflicts.add(conflict);
  core.text = stored.text;
  core.report("merge", start, "another request saved first");
}

/** Signed cookies: the text is the key. */
function carry(core: SessionCore): void {
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
  core.expiresAtMs = end.expiresAtMs;
  core.sessions.codec.remember(key, text, draft.contents);
}

function gone(): SessionError {
  return new SessionError(
    "session-gone",
    "The session was deleted while this request was using it, perhaps by a logout in another one, so nothing was saved.",
  );
}

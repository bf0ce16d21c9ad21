/** Writes a session of this library to its engine: swapped for what was seen, renamed, or put back. */
import { EMPTY, readContents } from "../../core/data/json.ts";
import { carriedAge } from "../../core/django/deadlines.ts";
import type { End } from "../../core/django/expiry.ts";
import type { UpdateResult } from "../../core/engines/engine.ts";
import { renameSession } from "../../core/engines/rename.ts";
import type { Ownership } from "../../core/engines/user-index.ts";
import { SessionError } from "../../core/errors.ts";
import { ownershipOf } from "../../core/session/owner.ts";
import { createCodec } from "../../core/signing/codec.ts";
import { SIGNED_COOKIES_SALT } from "../../core/signing/salts.ts";
import { createSigner } from "../../core/signing/signer.ts";
import type { StoredView, WriteResult } from "../source.ts";
import { lookUp, type OwnSessions, readView } from "./look-up.ts";
import { isEndedSince, whoseIs } from "./whose.ts";

const MAX_DRAWS = 10;

/** True for an engine that keeps sessions in their cookies: signed cookies. */
export function isCarried({ engine }: OwnSessions): boolean {
  return engine.keeping === "carried";
}

/** When a session expires: its stored expiry, or what its data says. */
export function endsAt(
  sessions: OwnSessions,
  { json, expiresAtMs }: Pick<StoredView, "json" | "expiresAtMs">,
): number {
  return expiresAtMs ?? sessions.expiryOf(json).expiresAtMs;
}

/** The string to store for this data, expiring at `expiresAtMs`. */
export function textFor(sessions: OwnSessions, json: string, expiresAtMs: number): string {
  if (!isCarried(sessions)) return sessions.codec.encode(json);
  // signed cookies expire by the age of their signature: an earlier expiry is an older signature
  const { settings } = sessions;
  const signer = createSigner(settings.secretKeys, SIGNED_COOKIES_SALT);
  const clock = () => expiresAtMs - carriedAge(settings) * 1000;
  return createCodec({ signer, clock, compression: "always" }).encode(json);
}

/** Stores a string in place of the one that was seen. */
export async function swap(
  sessions: OwnSessions,
  before: StoredView,
  text: string,
  expiresAtMs: number,
): Promise<WriteResult> {
  if (isCarried(sessions))
    return toResult(sessions, before, await readWritten(sessions, text, text, expiresAtMs));
  const end = toEnd(sessions, expiresAtMs);
  const owner = ownerOf(sessions, text, before);
  const updated = await sessions.engine.update(before.key, text, end, before.stored, owner);
  const result = updated === "saved" ? await retime(sessions, before.key, text, expiresAtMs) : updated;
  if (result === "saved")
    return toResult(sessions, before, await readWritten(sessions, before.key, text, expiresAtMs));
  return toRefusal(sessions, result, before.key);
}

/** Moves the session that was seen to a new key. */
export async function moveToNewKey(sessions: OwnSessions, before: StoredView): Promise<WriteResult> {
  const end = toEnd(sessions, endsAt(sessions, before));
  const session = { text: before.stored, end, owner: ownerOf(sessions, before.stored, before) };
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const key = sessions.newKey();
    const old = { key: before.key, text: before.stored };
    const moved = await renameSession(sessions.engine, key, session, old);
    if (moved === "saved") return toResult(sessions, before, { ...before, key });
    if (moved !== "taken") return toRefusal(sessions, moved, before.key);
  }
  throw new SessionError("engine", `No unused key in ${MAX_DRAWS} draws. Check the option \`random\`.`);
}

/** Puts a copy back under its key: over what is there, if that is the expected string, or if nothing is there. */
export async function putBack(
  sessions: OwnSessions,
  copy: StoredView,
  ifStored: string | null | undefined,
): Promise<WriteResult> {
  const now = await lookUp(sessions, copy.key);
  const expiresAtMs = endsAt(sessions, copy);
  if (await isEndedSince(sessions, copy, typeof now === "string" ? null : now))
    return { ok: false, reason: "gone" };
  if (typeof now === "string") {
    const isBack = typeof ifStored !== "string" && (await create(sessions, copy, expiresAtMs));
    return isBack ? toResult(sessions, copy, copy) : { ok: false, reason: "gone" };
  }
  if (ifStored !== undefined && ifStored !== now.stored) return { ok: false, reason: "conflict", now };
  const swapped = await swap(sessions, now, copy.stored, expiresAtMs);
  return swapped.ok ? toResult(sessions, now, copy) : swapped;
}

/** Deletes a session that was seen. */
export function remove(sessions: OwnSessions, view: StoredView): Promise<void> {
  return sessions.engine.delete(view.key, whoseIs(sessions, view)?.user ?? null);
}

/** The result of a completed write. */
export function toResult({ engine }: OwnSessions, before: StoredView, after: StoredView | null): WriteResult {
  const endsWithBrowser = after === null || after.atBrowserClose;
  return {
    ok: true,
    before,
    after,
    cookie: after && (engine.cookie?.write(after.key) ?? after.key),
    cookieExpiresAtMs: endsWithBrowser ? null : after.expiresAtMs,
  };
}

/** Whose the session is with this string, and was before; undefined if the setting `users` is off. */
function ownerOf(
  { clock, codec, settings }: OwnSessions,
  text: string,
  before: StoredView | null,
): Ownership | undefined {
  if (settings.users === null) return undefined;
  const now = codec.decode(text) ?? EMPTY;
  return ownershipOf(settings, now, before === null ? null : readContents(before.json), clock());
}

/** Creates the session again; over an expired row, if the store still has one. */
async function create(sessions: OwnSessions, copy: StoredView, expiresAtMs: number): Promise<boolean> {
  const { engine } = sessions;
  const end = toEnd(sessions, expiresAtMs);
  const owner = ownerOf(sessions, copy.stored, null);
  const isNew = await engine.create(copy.key, copy.stored, end, owner);
  if (!isNew && (await engine.update(copy.key, copy.stored, end, null, owner)) !== "saved") return false;
  if (await isEndedSince(sessions, copy)) {
    await engine.delete(copy.key, owner?.user); // all of them are being ended just now: its new entry would keep it
    return false;
  }
  return (await retime(sessions, copy.key, copy.stored, expiresAtMs)) === "saved";
}

/** If an engine derives the expiry from the time of writing, the expiry is set separately. */
export async function retime(
  { engine }: OwnSessions,
  key: string,
  text: string,
  expiresAtMs: number,
): Promise<UpdateResult> {
  return engine.retime ? engine.retime(key, expiresAtMs, text) : "saved";
}

/** What is stored now; if that has already expired, what was written. */
async function readWritten(
  sessions: OwnSessions,
  key: string,
  text: string,
  expiresAtMs: number,
): Promise<StoredView | null> {
  const view = await lookUp(sessions, key);
  return typeof view === "string" ? readView(sessions, key, { text, expiresAtMs }) : view;
}

async function toRefusal(
  sessions: OwnSessions,
  result: "conflict" | "gone",
  key: string,
): Promise<WriteResult> {
  const now = result === "conflict" ? await lookUp(sessions, key) : "unknown";
  return typeof now === "string" ? { ok: false, reason: "gone" } : { ok: false, reason: "conflict", now };
}

/** An end as an engine takes it. */
export function toEnd({ clock }: OwnSessions, expiresAtMs: number): End {
  return { expiresAtMs, ageSeconds: (expiresAtMs - clock()) / 1000 };
}

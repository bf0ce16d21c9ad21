/**
 * The bridge's source for this library's own sessions, whatever their engine. It speaks to the engine directly, as
 * another process would: no request, no session object, nothing touched by looking.
 */

import { readContents } from "../../core/data/json.ts";
import type { End, Stored } from "../../core/engines/engine.ts";
import { renameSession } from "../../core/engines/rename.ts";
import { SessionError } from "../../core/errors.ts";
import type { Sessions } from "../../core/sessions.ts";
import { createCodec } from "../../core/signing/codec.ts";
import { SIGNED_COOKIES_SALT } from "../../core/signing/salts.ts";
import { createSigner } from "../../core/signing/signer.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Source, StoredView, WriteResult } from "../source.ts";
import { expiryFault, expiryJson } from "./own-expiry.ts";

const ALL: readonly Capability[] = ["read", "traces", "edit", "expiry", "cycle", "flush", "restore"];
const MAX_DRAWS = 10;

/** A source over `createSessions`' result. `openBridge` makes it by itself. */
export function ownSource<Data>(sessions: Sessions<Data>): Source {
  const { engine, codec, settings, clock } = sessions;
  const isCarried = engine.keeping === "carried";

  const endOf = (expiresAtMs: number): End => ({ expiresAtMs, ageSeconds: (expiresAtMs - clock()) / 1000 });

  /** The session under a key; `tampered` when there is one that cannot be read. */
  async function look(key: string): Promise<StoredView | "unknown" | "tampered"> {
    const found = engine.inspect ? await engine.inspect(key) : await engine.load(key);
    if (found === null || found === "expired") return "unknown";
    if (found.expiresAtMs !== null && found.expiresAtMs <= clock()) return "unknown";
    return toView(key, found) ?? "tampered";
  }

  function toView(key: string, { text, expiresAtMs }: Stored): StoredView | null {
    const contents = codec.decode(text);
    if (contents === null) return null;
    const { atBrowserClose, ageSeconds } = factsOf(contents.json);
    return { key, json: contents.json, stored: text, expiresAtMs, atBrowserClose, ageSeconds };
  }

  /** What the data say of the end; nothing where the site itself cannot read it, so that it can be seen and mended. */
  function factsOf(json: string): { atBrowserClose: boolean; ageSeconds: number } {
    const isReadable = expiryFault(json, clock(), settings) === null;
    return isReadable ? sessions.expiryOf(json) : { atBrowserClose: false, ageSeconds: 0 };
  }

  /** The session that the caller saw, or what to answer instead. */
  async function seen(cookie: string, ifStored: string): Promise<StoredView | WriteResult> {
    const key = sessions.keyOf(cookie);
    const view = key === null ? "unknown" : await look(key);
    if (typeof view === "string") return { ok: false, reason: "gone" };
    return view.stored === ifStored ? view : { ok: false, reason: "conflict", now: view };
  }

  /** Stores a text in place of the one that was seen. */
  async function swap(before: StoredView, text: string, expiresAtMs: number): Promise<WriteResult> {
    if (isCarried) return done(before, await written(text, text, expiresAtMs));
    const updated = await engine.update(before.key, text, endOf(expiresAtMs), before.stored);
    const result = updated === "saved" ? await retime(before.key, text, expiresAtMs) : updated;
    if (result === "saved") return done(before, await written(before.key, text, expiresAtMs));
    return refused(result, before.key);
  }

  async function refused(result: "conflict" | "gone", key: string): Promise<WriteResult> {
    const now = result === "conflict" ? await look(key) : "unknown";
    return typeof now === "string" ? { ok: false, reason: "gone" } : { ok: false, reason: "conflict", now };
  }

  /** Where an engine lets the end follow from the time of writing, the end is set apart. */
  const retime = async (key: string, text: string, expiresAtMs: number) =>
    engine.retime ? engine.retime(key, expiresAtMs, text) : ("saved" as const);

  /** What is stored now; when its end has come already, what was written. */
  async function written(key: string, text: string, expiresAtMs: number): Promise<StoredView | null> {
    const view = await look(key);
    return typeof view === "string" ? toView(key, { text, expiresAtMs }) : view;
  }

  /** Moves the session that was seen to a new key. */
  async function rename(before: StoredView): Promise<WriteResult> {
    const end = endOf(before.expiresAtMs ?? sessions.expiryOf(before.json).expiresAtMs);
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const key = sessions.newKey();
      const session = { text: before.stored, end };
      const moved = await renameSession(engine, key, session, { key: before.key, text: before.stored });
      if (moved === "saved") return done(before, { ...before, key });
      if (moved !== "taken") return refused(moved, before.key);
    }
    throw new SessionError("engine", `No unused key in ${MAX_DRAWS} draws. Check the option \`random\`.`);
  }

  /** Signed cookies end by the age of their signature: an earlier end is an older signature. */
  function sealedAt(json: string, moment: number): string {
    const signer = createSigner(settings.secretKeys, SIGNED_COOKIES_SALT);
    return createCodec({ signer, clock: () => moment, compression: "always" }).encode(json);
  }

  /** The text to store in place of `view`, with the same end where it is carried. */
  function textFor(json: string, expiresAtMs: number): string {
    return isCarried ? sealedAt(json, expiresAtMs - settings.cookieAge * 1000) : codec.encode(json);
  }

  return {
    library: { name: "session-bridge", version: "0.1.0" },
    engine: engine.name,
    cookieNames: [settings.cookieName],
    capabilities: engine.swaps && !isCarried ? [...ALL, "conflicts"] : ALL,
    secret: Buffer.from(settings.secretKeys[0] ?? []).toString("base64"),
    keyOf: sessions.keyOf,
    observe: sessions.observe,

    async read(cookie) {
      const key = sessions.keyOf(cookie);
      const view = key === null ? "unknown" : await look(key);
      return typeof view === "string" ? { found: false, reason: view } : { found: true, view };
    },

    async replace(cookie, json, ifStored) {
      const view = await seen(cookie, ifStored);
      if ("ok" in view) return view;
      const contents = readContents(json);
      if (contents === null) throw new SessionError("engine", "A session's data must be a JSON object.");
      const fault = expiryFault(contents.json, clock(), settings);
      if (fault !== null && expiryFault(view.json, clock(), settings) === null) {
        return { ok: false, reason: "unfit", why: fault };
      }
      const expiresAtMs = view.expiresAtMs ?? sessions.expiryOf(json).expiresAtMs;
      return swap(view, textFor(contents.json, expiresAtMs), expiresAtMs);
    },

    async changeExpiry(cookie, change, ifStored) {
      const view = await seen(cookie, ifStored);
      if ("ok" in view) return view;
      const json = expiryJson(view.json, change, settings);
      const nowEnds = view.expiresAtMs ?? sessions.expiryOf(json).expiresAtMs;
      const expiresAtMs =
        change.kind === "shift" ? nowEnds - change.shiftSeconds * 1000 : sessions.expiryOf(json).expiresAtMs;
      const text = change.kind === "shift" ? textFor(json, expiresAtMs) : codec.encode(json);
      return swap(view, text, expiresAtMs);
    },

    async cycle(cookie, ifStored) {
      const view = await seen(cookie, ifStored);
      if ("ok" in view) return view;
      if (isCarried) {
        return swap(
          view,
          codec.encode(view.json),
          view.expiresAtMs ?? sessions.expiryOf(view.json).expiresAtMs,
        );
      }
      return rename(view);
    },

    async flush(cookie, ifStored) {
      const view = await seen(cookie, ifStored);
      if ("ok" in view) return view;
      await engine.delete(view.key);
      return done(view, null);
    },

    async restore(copy, replaces, ifStored) {
      if (isCarried) return done(copy, copy);
      const now = await look(copy.key);
      const end = endOf(copy.expiresAtMs ?? sessions.expiryOf(copy.json).expiresAtMs);
      if (typeof now === "string") {
        if (typeof ifStored === "string" || !(await putBack(copy, end))) return { ok: false, reason: "gone" };
      } else {
        const expected = ifStored === undefined ? now.stored : ifStored;
        if (expected !== now.stored) return { ok: false, reason: "conflict", now };
        const swapped = await swap(now, copy.stored, end.expiresAtMs);
        if (!swapped.ok) return swapped;
      }
      const replaced = replaces === null ? null : sessions.keyOf(replaces);
      if (replaced !== null && replaced !== copy.key) await engine.delete(replaced);
      return done(typeof now === "string" ? copy : now, copy);
    },
  };

  /** Makes the session anew; over a row whose end has come, where the store still has one. */
  async function putBack(copy: StoredView, end: End): Promise<boolean> {
    const isNew = await engine.create(copy.key, copy.stored, end);
    if (!isNew && (await engine.update(copy.key, copy.stored, end, null)) !== "saved") return false;
    return (await retime(copy.key, copy.stored, end.expiresAtMs)) === "saved";
  }

  function done(before: StoredView, after: StoredView | null): WriteResult {
    const endsWithBrowser = after === null || after.atBrowserClose;
    return {
      ok: true,
      before,
      after,
      cookie: after?.key ?? null,
      cookieExpiresAtMs: endsWithBrowser ? null : after.expiresAtMs,
    };
  }
}

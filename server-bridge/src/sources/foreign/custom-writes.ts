/**
 * Writes to an app's own table, through the app's functions. They have no compare-and-swap: conflicts are found by reading
 * just before writing.
 */
import { SessionError } from "../../core/errors.ts";
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ProvenKey, Source, StoredView, WriteResult } from "../source.ts";
import type { CustomRows } from "./custom-rows.ts";
import type { ForeignData } from "./follow-request.ts";
import { whyUnfit } from "./unfit-data.ts";
import { refuseRestore, toResult, unfit } from "./write-results.ts";

/** A session to store. */
export interface StoredSession {
  /** In the form in which `load` returned it. It was edited by hand, so check what your table needs. */
  data: Record<string, unknown>;
  /** Null only if `load` returned null for this session. */
  expiresAt: Date | null;
}

/** Stores a session under a key, also if none is there now. */
export type CustomSave = (key: string, session: StoredSession) => unknown;

/** Deletes the session under a key. It must not fail if there is none. */
export type CustomDelete = (key: string) => unknown;

/** The app's functions that write. */
interface Writers {
  name: string;
  save?: CustomSave;
  delete?: CustomDelete;
}

type Writes = Partial<Pick<Source, "replace" | "changeExpiry" | "flush" | "restore">>;

/** The writes that these functions make possible. */
export function createCustomWrites(rows: CustomRows, app: Writers): Writes {
  const put =
    app.save &&
    ((key: string, json: string, expiresAtMs: number | null) => {
      const data: ForeignData = JSON.parse(json);
      const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs);
      return rows.ask("save", async () => app.save?.(key, { data, expiresAt }));
    });
  const remove = app.delete && ((key: string) => rows.ask("delete", async () => app.delete?.(key)));
  return {
    ...(put === undefined ? {} : createChanges(rows, put)),
    ...(remove === undefined
      ? {}
      : {
          flush: (key, ifStored) =>
            change(rows, key, ifStored, async () => {
              await remove(key);
            }),
        }),
    ...(put === undefined || remove === undefined
      ? {}
      : { restore: createRestore(rows, app.name, put, remove) }),
  };
}

type Put = (key: string, json: string, expiresAtMs: number | null) => Promise<unknown>;

function createChanges(rows: CustomRows, put: Put): Required<Pick<Writes, "replace" | "changeExpiry">> {
  return {
    async replace(key, json, ifStored) {
      const why = whyUnfit(json, PLAIN) ?? whyDiffers(rows);
      if (why !== null) return unfit(why);
      return change(rows, key, ifStored, ({ expiresAtMs }) => put(key, json, expiresAtMs));
    },
    async changeExpiry(key, wanted, ifStored) {
      const now = await rows.find(key);
      const moment = now && momentOf(wanted, now.expiresAtMs);
      const why = typeof moment === "string" ? moment : whyDiffers(rows);
      if (why !== null || typeof moment === "string") return unfit(why ?? "");
      return change(rows, key, ifStored, ({ json }) => put(key, json, moment));
    },
  };
}

const PLAIN = { toJson: JSON.stringify, toStored: JSON.stringify, readEnd: () => null };

/** When the session then expires; a sentence if that cannot be stored. */
function momentOf(wanted: ExpiryChange, expiresAtMs: number | null): number | null | string {
  switch (wanted.kind) {
    case "seconds":
      return Date.now() + wanted.seconds * 1000;
    case "at":
      return wanted.at;
    case "shift":
      return expiresAtMs === null
        ? "The session has no expiry in the table, so time cannot bring it nearer."
        : expiresAtMs - wanted.shiftSeconds * 1000;
    case "browser-close":
      return expiresAtMs === null
        ? null
        : "The table has an expiry for this session, and may need one. Use seconds instead.";
    default:
      return "Only the app knows which expiry it gives its sessions. Use seconds instead.";
  }
}

function createRestore(
  rows: CustomRows,
  name: string,
  put: Put,
  remove: (key: string) => Promise<unknown>,
): NonNullable<Source["restore"]> {
  return async (copy, replaces, ifStored) => {
    const there = await rows.find(copy.key);
    const refused = refuseRestore(there, ifStored);
    if (refused !== null) return refused;
    const why = whyDiffers(rows);
    if (why !== null) return unfit(why);
    await put(copy.key, copy.json, copy.expiresAtMs);
    if (replaces !== null && replaces !== copy.key) await remove(replaces);
    const after = await rows.find(copy.key);
    const isOver = copy.expiresAtMs !== null && copy.expiresAtMs <= Date.now();
    if (after === null && !isOver)
      throw new SessionError(
        "engine",
        `customSource(${JSON.stringify(name)}): save() stored nothing under a key that was not there. Let it insert a row too.`,
      );
    return toResult(there ?? copy, after, null); // only the app can make a cookie for a key
  };
}

/** Reads, compares, and changes what is there. */
async function change(
  rows: CustomRows,
  key: ProvenKey,
  ifStored: string,
  act: (before: StoredView) => Promise<unknown>,
): Promise<WriteResult> {
  const before = await rows.find(key);
  if (before === null) return { ok: false, reason: "gone" };
  if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
  await act(before);
  return toResult(before, await rows.find(key), null);
}

function whyDiffers(rows: CustomRows): string | null {
  const place = rows.differsAt();
  return place === null
    ? null
    : `load() returns a value that JSON cannot keep (${JSON.stringify(place.slice(0, 100))}), so save() would get another one. Return it as a string or a number, or leave it out.`;
}

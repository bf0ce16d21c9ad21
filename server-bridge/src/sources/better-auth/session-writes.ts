/**
 * Edits of Better Auth's sessions from the panel, made with the library's own methods: they keep a second store in step,
 * and the app's `databaseHooks` run as for any change that the app itself makes.
 *
 * The library has no compare-and-swap: conflicts are found by reading just before writing.
 */
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ForeignData } from "../foreign/follow-request.ts";
import { refuseRestore, toResult, unfit } from "../foreign/write-results.ts";
import type { ProvenKey, ProvenView, Source, StoredView, WriteResult } from "../source.ts";
import type { AuthContext } from "./auth-context.ts";
import { toFieldValues } from "./field-values.ts";
import { readAge, SESSION_SHAPE, toData } from "./session-data.ts";
import { ownMethod } from "./watched-adapter.ts";

/** Finds a stored session, expired ones too; null if there is none. */
export async function findStored(context: AuthContext, token: string): Promise<StoredView | null> {
  const found: unknown = await ownMethod(context, "findSession")(token);
  if (typeof found !== "object" || found === null) return null;
  return toView(token, toData(context, Reflect.get(found, "session"), Reflect.get(found, "user")));
}

/** The writes of the source. */
export function createWrites(getContext: () => Promise<AuthContext>) {
  const write = async (
    key: ProvenKey,
    ifStored: string,
    change: (context: AuthContext, before: StoredView) => Promise<string | null>,
  ): Promise<WriteResult> => {
    const context = await getContext();
    const before = await findStored(context, key);
    if (!before) return { ok: false, reason: "gone" };
    if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
    const why = await change(context, before);
    if (why !== null) return unfit(why);
    return toResult(before, await findStored(context, key), null);
  };
  const update = (context: AuthContext, key: string, fields: ForeignData) =>
    ownMethod(context, "updateSession")(key, fields);

  return {
    replace: (key: ProvenKey, json: string, ifStored: string) =>
      write(key, ifStored, async (context, before) => {
        const changed = toFieldValues(before.json, json, context.sessionFields);
        if ("why" in changed) return changed.why;
        return (await update(context, key, changed.values)) ? null : KEPT;
      }),
    changeExpiry: (key: ProvenKey, change: ExpiryChange, ifStored: string) =>
      write(key, ifStored, async (context, before) => {
        const end = toEnd(change, before, context);
        if (end === null) return NO_BROWSER_CLOSE;
        if (context.hasSecondaryStorage && end <= Date.now()) return NOT_EXPIRED;
        return (await update(context, key, { expiresAt: new Date(end) })) ? null : KEPT;
      }),
    flush: async (key: ProvenKey, ifStored: string) => {
      const result = await write(key, ifStored, async (context) => {
        await ownMethod(context, "deleteSession")(key);
        return (await findStored(context, key)) === null ? null : KEPT;
      });
      return result;
    },
  } satisfies Partial<Source>;
}

/**
 * Puts a copy back as the row that it was, with its id. The database is written directly: the library's own method for a new
 * session chooses a new id. The user is not put back.
 */
export async function restoreRow(
  context: AuthContext,
  copy: ProvenView,
  ifStored?: string | null,
): Promise<WriteResult> {
  const there = await findStored(context, copy.key);
  const refused = refuseRestore(there, ifStored);
  if (refused !== null) return refused;
  const { user: _user, ...row }: ForeignData = JSON.parse(copy.stored);
  const data = {
    ...toDates(row, context),
    expiresAt: new Date(copy.expiresAtMs ?? Date.now()),
    token: copy.key,
  };
  const { create, update } = context.adapter;
  if (typeof create !== "function" || typeof update !== "function") return { ok: false, reason: "gone" };
  if (there === null) await create({ model: "session", data, forceAllowId: true });
  else {
    const { id: _id, token: _token, ...fields } = data as ForeignData;
    await update({ model: "session", where: [{ field: "token", value: copy.key }], update: fields });
  }
  return toResult(there ?? copy, await findStored(context, copy.key), null);
}

const KEPT =
  "Better Auth did not make this change: a databaseHook of the app returned false. Change the hook, or make the change in the app.";
const NO_BROWSER_CLOSE =
  "Better Auth stores an expiry with every session. To let it end soon, set it to a number of seconds.";
const NOT_EXPIRED =
  "Better Auth keeps no expired session in its secondary storage. To end this one now, flush it.";

function toEnd(change: ExpiryChange, before: StoredView, context: AuthContext): number | null {
  switch (change.kind) {
    case "seconds":
      return Date.now() + change.seconds * 1000;
    case "at":
      return change.at;
    case "shift":
      return (before.expiresAtMs ?? Date.now()) - change.shiftSeconds * 1000;
    case "default":
      return Date.now() + context.expiresInSeconds * 1000;
    default:
      return null;
  }
}

/** The fields of a stored copy as the database takes them. */
function toDates(row: ForeignData, { sessionFields }: AuthContext): ForeignData {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const isDate = sessionFields.get(name)?.type === "date" && typeof value === "string";
      return [name, isDate ? new Date(value) : value];
    }),
  );
}

function toView(key: string, data: ForeignData): StoredView {
  return {
    key,
    json: SESSION_SHAPE.toJson(data),
    stored: SESSION_SHAPE.toStored(data),
    expiresAtMs: SESSION_SHAPE.readEnd(data),
    atBrowserClose: false,
    ageSeconds: readAge(data),
  };
}

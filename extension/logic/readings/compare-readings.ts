/** What differs between two readings of a session: data, key, and what a developer wants to know about it. */
import { type Finding, namesSomebody, parseJson } from "session-bridge/protocol";
import { differences } from "../json/difference.ts";
import type { Gone, Reading } from "../timeline/entry.ts";
import type { SessionReading } from "./known.ts";

/** @param options `carried`: the cookie's value is the whole session, and shows nothing about a key */
export function compareReadings(
  { cookie: cookieBefore, found: before }: SessionReading,
  { cookie: cookieAfter, found: after }: SessionReading,
  { carried, gone }: { carried: boolean; gone: Gone | null },
): Reading {
  const both = before !== null && after !== null && !carried;
  // The key's id changes when the bridge restarts: alone it shows nothing.
  const newKey = both && before.keyId !== after.keyId && cookieBefore !== cookieAfter;
  const sameKey = both && before.keyId === after.keyId && cookieBefore === cookieAfter;
  const findings = sameKey ? loginWithoutNewKey(before.dataJson, after.dataJson) : [];
  return {
    before: before?.dataJson ?? null,
    after: after?.dataJson ?? null,
    ...(newKey ? { newKey } : {}),
    ...(gone === null ? {} : { gone }),
    ...(findings.length === 0 ? {} : { findings }),
  };
}

/** A key that says who is logged in named no one before, and the session kept its key. */
function loginWithoutNewKey(before: string, after: string): Finding[] {
  const keys = [...new Set(differences(before, after).map(({ path }) => String(path[0] ?? "")))].filter(
    (key) => namesSomebody(key, textOf(after, key)) && !namesSomebody(key, textOf(before, key)),
  );
  return keys.length === 0 ? [] : [{ code: "login-without-new-key", keys }];
}

/** The JSON of a top-level value. */
function textOf(json: string, key: string): string | undefined {
  const parsed = parseJson(json);
  if (!parsed.ok || parsed.root.kind !== "object") return undefined;
  const node = parsed.root.items[parsed.root.keys.lastIndexOf(key)];
  return node === undefined ? undefined : json.slice(node.start, node.end);
}

/**
 * Strings of a Django session that stand for values that JSON has no form for: a datetime, a Decimal, an object of the
 * site's. They are shown as what they are, and are not edited: the bridge keeps the value itself.
 */
import { parseJson, readStandIn } from "session-bridge/protocol";

/** A mark has 80 characters inside, of which JSON may write each as six. */
const MAX_JSON = 600;

/** Why such a value cannot be edited. */
export const NO_FORM = "JSON has no form for this value";

/** What the value at the end of this JSON text is, such as `Python datetime 2026-11-30`; null if the text is its value. */
export function standInOf(json: string): string | null {
  if (json.length > MAX_JSON || !/^"(?:\u2039|\\u2039)/i.test(json)) return null;
  const parsed = parseJson(json);
  return parsed.ok && parsed.root.kind === "string" ? readStandIn(String(JSON.parse(json))) : null;
}

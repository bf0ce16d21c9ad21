/** Asks the setting `passive` about a request. */
import type { Settings } from "../django/settings.ts";
import { SessionError } from "../errors.ts";
import type { IncomingFacts } from "./facts.ts";

/**
 * True if the request prolongs no session; false without the setting.
 *
 * @throws SessionError `settings` when the function fails or returns anything but true or false
 */
export function decidePassive(
  { passive }: Settings,
  { identity, request = identity }: Pick<IncomingFacts, "identity" | "request">,
): boolean {
  if (passive === null) return false;
  let decided: unknown;
  try {
    decided = passive(request);
  } catch (cause) {
    throw wrong("failed; `cause` says why", { cause });
  }
  if (typeof decided === "boolean") return decided;
  throw wrong(`returned ${typeof decided === "object" ? "an object" : String(decided)}`);
}

function wrong(what: string, options?: { cause: unknown }): SessionError {
  const remedy = "Return true for a request that prolongs no session, otherwise false";
  return new SessionError("settings", `The function passive ${what}. ${remedy}.`, options);
}

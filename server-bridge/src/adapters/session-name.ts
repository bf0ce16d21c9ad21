/**
 * Under which name a request has its session, and what keeps several sessions of one request apart: a site's and its
 * administrators', each from its own `createSessions`.
 */
import type { Settings } from "../core/django/settings.ts";
import type { Engine } from "../core/engines/engine.ts";
import { isSessionError, PREFIX, SessionError } from "../core/errors.ts";

/** How a request has its session. */
export interface SessionNameOptions<As extends string = string> {
  /**
   * The name of the request's session. Default `session`. A second session of the same request needs another one, and its
   * `createSessions` another `cookieName`.
   */
  as?: As;
}

/** One of a request's sessions. */
export interface NamedSession {
  /** Where a handler finds it, for messages: `request.adminSession`. */
  readonly shown: string;
  readonly sessions: { readonly settings: Settings; readonly engine: Pick<Engine, "keeping"> };
  /** True if it has no name that another one could have: the handler is given it as an argument. */
  readonly isArgument?: true;
}

/** Reads the option `as`. Throws `SessionError("settings")` if it cannot be the name of a property. */
export function readName({ as = "session" }: SessionNameOptions): string {
  if (typeof as === "string" && /^[A-Za-z_$][\w$]*$/.test(as)) return as;
  throw new SessionError(
    "settings",
    'The option as is no name for a property. Pass letters and digits, like { as: "adminSession" }.',
  );
}

/** The error for a name that a request has for something else. */
export function nameTaken(shown: string): SessionError {
  return new SessionError(
    "settings",
    `${shown} is something else already. Pass another name, like { as: "adminSession" }.`,
  );
}

/** The error for a request that is given a second session under the same name. */
export function twoSessions(shown: string): SessionError {
  return new SessionError(
    "settings",
    `The request already has a session from another createSessions, ${shown}. Give the second one another name: { as: "adminSession" }.`,
  );
}

/**
 * Throws `SessionError("settings")` if one of the known sessions has the name of the added one or that of its cookie, or
 * if the cookie of one would also be valid as the other's: then a visitor could send a site's session as an
 * administrator's (T53).
 */
export function requireApart(known: readonly NamedSession[], added: NamedSession): void {
  const { cookieName } = added.sessions.settings;
  for (const { shown, sessions, isArgument } of known) {
    if (sessions !== added.sessions && shown === added.shown && !isArgument) throw twoSessions(shown);
    const both = `${shown} and ${added.shown}`;
    if (sessions.settings.cookieName === cookieName)
      throw notApart(
        `${both} have the same cookie, ${cookieName}. Give one of them another: createSessions({ cookieName: "admin_${cookieName}" })`,
      );
    if (sessions.engine.keeping === "carried" && added.sessions.engine.keeping === "carried")
      if (shareSecret(sessions.settings, added.sessions.settings))
        throw notApart(
          `${both} are signed with the same secretKey, so the cookie of one is also valid as the other's. Give each a separate secretKey`,
        );
  }
}

function notApart(message: string): SessionError {
  return new SessionError("settings", `${message}.`);
}

/** True if they accept a signature of each other. */
function shareSecret(one: Settings, other: Settings): boolean {
  return one.secretKeys.some((key) => other.secretKeys.some((its) => Buffer.compare(key, its) === 0));
}

/** Those of the `Set-Cookie` lines that belong to these sessions. */
export function cookiesOf(sessions: readonly NamedSession[], lines: readonly string[]): readonly string[] {
  if (sessions.length === 0) return NONE;
  const prefixes = sessions.map((one) => `${one.sessions.settings.cookieName}=`);
  return lines.filter((line) => prefixes.some((prefix) => line.startsWith(prefix)));
}

const NONE: readonly string[] = [];

/** The error of a session's store, with the name of the session: a request with several sessions has several stores. */
export function nameFailure(shown: string, error: unknown): SessionError {
  if (!isSessionError(error))
    return new SessionError("engine", `${shown} could not be stored; \`cause\` says why.`, { cause: error });
  const message = `${shown} could not be stored: ${error.message.replace(PREFIX, "")}`;
  return new SessionError(error.code, message, { cause: error.cause });
}

/**
 * The bridge's source for Auth.js 5 (`next-auth@5`, `@auth/express` and so on) and `next-auth@4`: encrypted tokens in
 * cookies, or a database behind the app's adapter.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { SessionError } from "../../core/errors.ts";
import { decodeText } from "../../protocol/secrets/index.ts";
import { readIssuedChunks } from "../foreign/chunked-cookie.ts";
import { cookieSource } from "../foreign/cookie-source.ts";
import { rowSource } from "../foreign/row-source.ts";
import { readSetCookies } from "../foreign/set-cookie.ts";
import { createSettingsMatch, type SettingsMatch, type Steps } from "../foreign/settings-match.ts";
import type { Source } from "../source.ts";
import type { AuthJsAdapter } from "./adapter.ts";
import { chooseName, DEFAULT_NAMES, LIBRARY, type Major, majorOf } from "./names.ts";
import { AUTH_SHAPE, createSessionTable } from "./session-table.ts";
import { createTokenOpener } from "./token.ts";

/** What the bridge has to know of an app's Auth.js. */
export interface AuthJsOptions {
  /** The library's `secret`, or its list of secrets, the newest first. Needed unless there is an `adapter`. */
  secret?: string | readonly string[] | undefined;
  /** For `session: { strategy: "database" }`, which is the library's default with an adapter: the app's adapter. */
  adapter?: AuthJsAdapter;
  /** 4 for `next-auth@4`. Default: that of `cookieName`, otherwise 5. */
  version?: Major;
  /**
   * The library's `cookies.sessionToken.name`. Default: the library's own, with `__Secure-` if `AUTH_URL` or
   * `NEXTAUTH_URL` begins with `https:`.
   */
  cookieName?: string;
}

const STEPS: Steps = {
  secret:
    "Pass authJs({ secret }) the app's secret: the whole list if it is a list. If the app keeps its sessions in a database, pass authJs({ adapter }). Tokens of an app with its own jwt.encode cannot be read.",
  name: "Pass authJs({ cookieName }) the app's name.",
};

/**
 * A source for Auth.js.
 *
 * @throws SessionError `settings` when there is neither a secret nor an adapter, or the adapter reads no sessions
 */
export function authJs(options: AuthJsOptions): Source {
  const { secret, adapter } = options;
  const major = options.version ?? majorOf(options.cookieName ?? "") ?? 5;
  const cookieName = options.cookieName ?? chooseName(major, process.env);
  if (adapter !== undefined) return databaseSource(adapter, cookieName);
  const secrets = [secret ?? []].flat().filter((one) => one !== "");
  if (secrets.length === 0) {
    throw new SessionError(
      "settings",
      "authJs() needs the secret of Auth.js. Pass { secret: process.env.AUTH_SECRET } and set this variable, or pass { adapter } if the app keeps its sessions in a database.",
    );
  }
  const open = createTokenOpener({ major, secrets, cookieName });
  const match = createSettingsMatch(cookieName, STEPS);
  const opens = (token: string) => open(token).then(Boolean, () => false);
  return cookieSource({
    library: LIBRARY,
    cookieName,
    chunks: "all",
    splits: true,
    mismatches: match,
    compare: (exchange) => compareTokens({ ...exchange, cookieName, match, opens }),
    open,
  });
}

function databaseSource(adapter: AuthJsAdapter, cookieName: string): Source {
  if (typeof adapter.getSessionAndUser !== "function") {
    throw new SessionError(
      "settings",
      "authJs({ adapter }) needs an adapter with getSessionAndUser. Pass the object that the app passes to Auth.js.",
    );
  }
  const { isStored, read, writes } = createSessionTable(adapter);
  const keyOf = (value: string) => {
    const key = decodeText(value);
    return TOKEN.test(key) ? key : null;
  };
  const match = createSettingsMatch(cookieName, STEPS);
  return rowSource({
    library: LIBRARY,
    cookieName,
    proof: { by: "row", keyOf, isStored },
    keyOf,
    shape: AUTH_SHAPE,
    read,
    writes,
    mismatches: match,
    compare: ({ response }) => compareNames(response, cookieName, match),
  });
}

/** What the library generates is a UUID; an app may generate something else. */
const TOKEN = /^[\x21-\x7e]{16,512}$/;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  cookieName: string;
  match: SettingsMatch;
  opens(token: string): Promise<boolean>;
}

/** Compares the cookies that a response sets with the bridge's name and secrets. */
function compareTokens({ request, response, cookieName, match, opens }: Exchange): void {
  const token = readIssuedChunks(response, request.headers.cookie, cookieName, "all") ?? "";
  if (token !== "") {
    void opens(token).then((isOpen) => (isOpen ? match.agreed() : match.refused()));
    return;
  }
  compareNames(response, cookieName, match);
}

/** Compares the name of the session cookie that a response sets with the bridge's. */
function compareNames(response: ServerResponse, cookieName: string, match: SettingsMatch): void {
  const set = [...readSetCookies(response)]
    .filter(([, value]) => value !== "")
    .map(([name]) => name.replace(/\.\d+$/, ""));
  if (set.includes(cookieName)) match.agreed();
  const other = set.find((name) => name !== cookieName && DEFAULT_NAMES.includes(name));
  if (other !== undefined) match.named(other);
}

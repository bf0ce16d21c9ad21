/**
 * The bridge's source for Better Auth, with any of its databases: `openBridge(betterAuth(auth))`.
 *
 * It asks the library's own adapter, so it needs no settings; the app's instance knows its secret and its cookie names.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { describeError, SessionError } from "../../core/errors.ts";
import { warn } from "../../core/runtime.ts";
import { decodeText } from "../../protocol/secrets/index.ts";
import { withoutQuotes } from "../foreign/request-cookie.ts";
import { rowSource } from "../foreign/row-source.ts";
import type { ProvenKey, ReadResult, Source } from "../source.ts";
import {
  type AuthContext,
  type BetterAuthInstance,
  NOT_BETTER_AUTH,
  parseContext,
  readAddedFields,
  toObject,
} from "./auth-context.ts";
import { readAcceptedUntil } from "./cached-copy.ts";
import { followCopies } from "./followed-copies.ts";
import { SESSION_SHAPE } from "./session-data.ts";
import { createWrites, findStored, restoreRow } from "./session-writes.ts";
import { addPlugin } from "./trace-plugin.ts";
import { LIBRARY, watchAdapter } from "./watched-adapter.ts";

export type { BetterAuthInstance } from "./auth-context.ts";

/** The name that the library chooses if the app names none. */
const DEFAULT_NAME = "better-auth.session_token";

/**
 * A source for Better Auth. Pass what its `betterAuth({ … })` returned; put the bridge before the library's handler:
 * `app.use(openBridge(betterAuth(auth)))`.
 *
 * In an app that is bundled, such as one with Next.js, the instance that answers is another one: add `traceBetterAuth()` to
 * its plugins.
 *
 * @throws SessionError `settings` if it is not an instance of Better Auth
 */
export function betterAuth(auth: BetterAuthInstance): Source {
  const { options, $context } = auth ?? {};
  if (typeof options !== "object" || !($context instanceof Promise)) {
    throw new SessionError("settings", NOT_BETTER_AUTH);
  }
  /** Known a turn or two after the app has started, before its first request. */
  let known: AuthContext | null = null;
  const context = $context.then((value) => {
    known = parseContext(value);
    watchAdapter(known);
    addPlugin(known.plugins);
    return known;
  });
  context.catch((error: unknown) => warn(`Better Auth did not start: ${describeError(error)}`));
  const keyOf = (cookie: string) =>
    known === null ? context.then(({ secret }) => tokenOf(cookie, secret)) : tokenOf(cookie, known.secret);
  const copies = followCopies();
  const secret = findSecret(options);
  const { replace, changeExpiry, flush } = createWrites(() => context);
  const source = rowSource({
    library: LIBRARY,
    get cookieName() {
      return known?.cookieName ?? DEFAULT_NAME;
    },
    proof: { by: "signature", keyOf },
    ...(secret === undefined ? {} : { secret }),
    keyOf,
    shape: SESSION_SHAPE,
    async read(key: ProvenKey): Promise<ReadResult> {
      const view = await findStored(await context, key);
      if (view !== null && (view.expiresAtMs ?? 0) > Date.now()) return { found: true, view };
      const copy = copies.of(key);
      const until = copy === undefined ? null : await readAcceptedUntil(copy, key, await context);
      return { found: false, reason: "unknown", ...(until === null ? {} : { acceptedUntilMs: until }) };
    },
    writes: {
      ...(Object.keys(readAddedFields(options)).length > 0 ? { replace } : {}),
      changeExpiry,
      flush,
      ...(canRestore(options)
        ? { restore: async (copy, _replaces, ifStored) => restoreRow(await context, copy, ifStored) }
        : {}),
    },
  });
  return {
    ...source,
    get cookieNames() {
      return [known?.cookieName ?? DEFAULT_NAME];
    },
    follow(request, response) {
      if (known?.copies.enabled === true) {
        const { secret: signing } = known;
        copies.follow(request, response, { ...known, tokenOf: (cookie) => tokenOf(cookie, signing) });
      }
      source.follow?.(request, response);
    },
  };
}

/** The form of a token. Other cookies are signed with the same secret, and no signature names its cookie. */
const TOKEN = /^[A-Za-z0-9]{32}$/;

/**
 * The token in a raw cookie value if the library would accept it, otherwise null.
 *
 * @source better-call 1, dist/context.mjs, getSignedCookie; better-auth 1.7, dist/db/internal-adapter.mjs, createSession
 */
function tokenOf(cookie: string, secret: string): string | null {
  const text = decodeText(withoutQuotes(cookie));
  const dot = text.lastIndexOf(".");
  const [token, signature] = [text.slice(0, Math.max(dot, 0)), text.slice(dot + 1)];
  if (!TOKEN.test(token) || signature.length !== 44) return null;
  const wanted = createHmac("sha256", secret).update(token).digest("base64");
  return timingSafeEqual(Buffer.from(wanted, "latin1"), Buffer.from(signature, "latin1")) ? token : null;
}

/** What names the bridge's copies after a restart; undefined if the library finds its secret elsewhere. */
function findSecret(options: object): string | undefined {
  const { secrets, secret } = toObject(options);
  const [newest] = Array.isArray(secrets) ? secrets : [];
  const found =
    toObject(newest)["value"] ?? secret ?? process.env["BETTER_AUTH_SECRET"] ?? process.env["AUTH_SECRET"];
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A row can be put back as it was unless a second store has to follow, or a field is hidden from the copy. */
function canRestore(options: object): boolean {
  const { database, secondaryStorage } = toObject(options);
  const hidden = Object.values(readAddedFields(options)).some(
    (field) => toObject(field)["returned"] === false,
  );
  return Boolean(database) && !secondaryStorage && !hidden;
}

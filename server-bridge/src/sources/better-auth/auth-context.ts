/**
 * The part of Better Auth that the source needs: its `$context`, parsed once. Everything else of the package is the app's.
 *
 * @source better-auth 1.7, dist/context/create-context.mjs
 */
import { SessionError } from "../../core/errors.ts";

/** What `betterAuth({ … })` of better-auth returns. */
export interface BetterAuthInstance {
  readonly options: object;
  readonly $context: Promise<object>;
}

/** A field of one of its tables. */
export interface Field {
  /** `string`, `number`, `boolean`, `date`, `json`, or a list. */
  type: unknown;
  required: boolean;
  /** False: the library itself never shows it to a client. */
  isReturned: boolean;
}

/** Methods of its `internalAdapter` or `adapter`. */
export type AdapterMethod = (...args: unknown[]) => unknown;

/** What is known about an app's Better Auth. */
export interface AuthContext {
  /** Signs the cookies. */
  secret: string;
  /** Encrypt the copy in a cookie; the first is the current one. */
  secrets: readonly string[];
  cookieName: string;
  /** Name of the cookie with the copy. */
  copyName: string;
  /** Seconds that a session lasts. */
  expiresInSeconds: number;
  /** `session.cookieCache`. */
  copies: { enabled: boolean; strategy: unknown; version: unknown };
  /** A second store, such as Redis, in front of or instead of the database. */
  hasSecondaryStorage: boolean;
  /** A hook of the app or of a plugin may refuse to delete a session. */
  mayRefuse: boolean;
  sessionFields: ReadonlyMap<string, Field>;
  userFields: ReadonlyMap<string, Field>;
  internalAdapter: Record<string, unknown>;
  adapter: Record<string, unknown>;
  /** Its plugins; the library reads the list at each call. */
  plugins: unknown[];
}

/**
 * @throws SessionError `settings` if this is not the context of Better Auth
 */
export function parseContext(value: unknown): AuthContext {
  const context = toObject(value);
  const options = toObject(context["options"]);
  const cookies = toObject(context["authCookies"]);
  const cache = toObject(toObject(options["session"])["cookieCache"]);
  const tables = toObject(context["tables"]);
  const plugins: unknown[] = Array.isArray(options["plugins"]) ? options["plugins"] : [];
  const { secret } = context;
  const cookieName = toObject(cookies["sessionToken"])["name"];
  const copyName = toObject(cookies["sessionData"])["name"];
  const { expiresIn } = toObject(context["sessionConfig"]);
  const internalAdapter = toObject(context["internalAdapter"]);
  if (
    typeof secret !== "string" ||
    typeof cookieName !== "string" ||
    typeof copyName !== "string" ||
    typeof expiresIn !== "number" ||
    typeof internalAdapter["findSession"] !== "function"
  ) {
    throw new SessionError("settings", NOT_BETTER_AUTH);
  }
  return {
    secret,
    secrets: readSecrets(context["secretConfig"], secret),
    cookieName,
    copyName,
    expiresInSeconds: expiresIn,
    copies: {
      enabled: cache["enabled"] === true,
      strategy: cache["strategy"] ?? "compact",
      version: cache["version"],
    },
    hasSecondaryStorage: Boolean(options["secondaryStorage"]),
    // the hooks that a plugin's `init` adds are in no place where they can be read
    mayRefuse: refusesDeletion(options["databaseHooks"]) || plugins.some(hasInit),
    // with a secondary storage instead of the database, there is no table of sessions
    sessionFields: readFields({ ...fieldsOf(tables["session"]), ...readAddedFields(options) }),
    userFields: readFields(fieldsOf(tables["user"])),
    internalAdapter,
    adapter: toObject(context["adapter"]),
    plugins,
  };
}

/** For a value that is not what the source was made for. */
export const NOT_BETTER_AUTH =
  "betterAuth() needs what betterAuth({ … }) of better-auth 1.7 or later returns. Pass that: betterAuth(auth).";

/** Fields that the app or a plugin has added to its sessions, by the options that were passed to Better Auth. */
export function readAddedFields(options: object): Record<string, unknown> {
  const own = toObject(toObject(Reflect.get(options, "session"))["additionalFields"]);
  const plugins: unknown = Reflect.get(options, "plugins");
  const theirs = (Array.isArray(plugins) ? plugins : []).map((plugin: unknown) => {
    const schema = toObject(toObject(plugin)["schema"]);
    return fieldsOf(schema["session"]);
  });
  return Object.assign({}, own, ...theirs);
}

/** The value as an object; an empty one if it is none. */
export function toObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // every object has this shape
}

/** Of a user too: with a secondary storage, their sessions end only after that hook has agreed. */
function refusesDeletion(hooks: unknown): boolean {
  const before = (model: string) => toObject(toObject(toObject(hooks)[model])["delete"])["before"];
  return ["session", "user"].some((model) => typeof before(model) === "function");
}

function hasInit(plugin: unknown): boolean {
  return typeof toObject(plugin)["init"] === "function";
}

function fieldsOf(table: unknown): Record<string, unknown> {
  return toObject(toObject(table)["fields"]);
}

function readFields(fields: Record<string, unknown>): Map<string, Field> {
  return new Map(
    Object.entries(fields).map(([name, field]) => {
      const { type, required, returned } = toObject(field);
      return [name, { type, required: required === true, isReturned: returned !== false }];
    }),
  );
}

/** The secrets that decrypt: one, or versions of it. */
function readSecrets(config: unknown, secret: string): string[] {
  const { keys, legacySecret } = toObject(config);
  const versions: unknown[] = keys instanceof Map ? [...keys.values(), legacySecret] : [];
  return [secret, ...versions].filter((one): one is string => typeof one === "string" && one !== "");
}

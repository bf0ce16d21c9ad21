/**
 * Which cookies carry sessions, and of which library: one table, read from top to bottom, first match wins.
 *
 * A name alone decides if it is distinctive (`PHPSESSID`); if frameworks share a name (`session`), the form of the value decides.
 * `tests/foreign-cookies` has the libraries create their cookies and checks this table against them.
 */
import type { Recognised } from "../messages/tab-cookie.ts";

interface Rule {
  framework: string;
  role: Recognised["role"];
  /** Matched against the name without `__Host-` and `__Secure-`. */
  name?: Form;
  /** Matched against the value as sent, percent signs included. */
  value?: Form;
}

/** A pattern, or a function if the pattern would have many ways to match. */
type Form = Pick<RegExp, "test">;

const form = (test: (text: string) => boolean): Form => ({ test });

const PREFIX = /^__(?:Host|Secure)-/i;

/** itsdangerous: payload, time, signature; a leading dot means compressed. */
const FLASK_VALUE = form((value) => isTimeSigned(withoutDot(value), isWord));
/**
 * Starlette, and so FastAPI: the same around a payload in plain base64 with its padding. If there is no padding, the spaces in
 * Python's JSON distinguish it from Flask, which writes none.
 */
const STARLETTE_VALUE = form((value) => isTimeSigned(value, isSpacedJson));
/** Django's `signing.dumps`: payload, time, signature between colons. */
const DJANGO_SIGNED = form((value) => {
  const [payload, time = "", signature = "", ...more] = withoutDot(value).split(":");
  const fits = more.length === 0 && time.length === 6 && signature.length >= 27;
  return fits && [payload, time, signature].every(isWord);
});
/**
 * Such a payload is an object, plain or compressed: `set_signed_cookie` signs any string in the same way, and `messages` a list.
 */
const DJANGO_OBJECT = form((value) => /^(?:eyJ|e30|\.eJ)/.test(value) && DJANGO_SIGNED.test(value));
/** cookie-parser signs any string like this; a session's key has 32 letters, or is a UUID. */
const EXPRESS_KEY = form((value) => {
  const key = /^s(?::|%3A)([\w-]*)\./i.exec(value)?.[1] ?? "";
  return (key.length === 32 || UUID.test(key)) && EXPRESS_SIGNED.test(value);
});
const EXPRESS_SIGNED = form((value) => {
  const start = /^s(?::|%3A)/i.exec(value)?.[0].length;
  if (start === undefined) return false;
  const dot = value.indexOf(".", start);
  const signature = value.slice(dot + 1);
  return dot > start && signature.length >= 40 && /^[\w%+/=-]+$/.test(signature);
});
/** Laravel's encrypter: base64 of `{"iv":`. */
const LARAVEL_VALUE = /^eyJpdiI6/;
/** Rails: encrypted in three parts or signed in two. */
const RAILS_VALUE = form((value) => {
  if (!/^[\w%+/=-]+$/.test(value)) return false;
  const parts = value.split("--");
  const last = parts.at(-1) ?? "";
  if (parts[0] === "" || last === "") return false;
  return parts.length > 2 || (parts.length === 2 && last.length >= 40 && /^[0-9a-f]+$/.test(last));
});
/** Sealed by iron, as in iron-session: its passwords are numbered from 1. */
const IRON_SESSION = /^Fe26\.2\*\d+\*/;
/** Sealed by iron without the number of a password: h3, hapi and others. */
const SEALED = /^Fe26\.2\*/;
const PHOENIX_VALUE = /^SFMyNTY\./;
const JWT = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/;
const JSON_BASE64 = /^eyJ[\w+/%=-]+$/;
/** A token of Clerk's names its session: other services' tokens may be under the same name. */
const CLERK_TOKEN = form(
  (value) => JWT.test(value) && /"sid": *"sess_/.test(readBase64Text(value.split(".")[1])),
);
/** A JWE under a key that both sides share, as Auth0's SDKs encrypt: no encrypted key between the first dots. */
const AUTH0_SEALED = form((value) => {
  const [header, key, ...rest] = value.split(".");
  if (key !== "" || rest.length !== 3 || !rest.every(isWord)) return false;
  const text = readBase64Text(header);
  return text.includes('"alg":"dir"') && text.includes('"enc":"A256GCM"');
});
/** AdonisJS signs its key, a UUID, together with the cookie's name: `s:` and base64 of `{"message":"…`. */
const ADONIS_KEY = form((value) => {
  const payload = /^s(?::|%3A)([\w-]+)\./i.exec(value)?.[1];
  const message = /^\{"message":"([^"]*)","purpose":"/.exec(readBase64Text(payload))?.[1] ?? "";
  return UUID.test(message) && EXPRESS_SIGNED.test(value);
});
/** AdonisJS encrypts with `e:` in front. */
const ADONIS_SEALED = /^e(?::|%3A)[\w-]+\.[\w.:%-]+$/i;
/** Remix and React Router: base64 of JSON, a dot, 32 bytes of signature in base64 without padding. */
const REMIX_SIGNED = form((value) => {
  const [payload = "", signature = "", ...more] = value.replaceAll(/%(?:2B|2F|3D)/gi, "=").split(".");
  if (more.length > 0 || signature.length !== 43 || !/^[\w+/=-]+$/.test(signature)) return false;
  // An object, or with a store its key between quotation marks: the keys of other libraries may begin in the same way.
  return /^(?:(?:eyJ|e30)[\w+/=-]+|I[g-v][\w+/=-]*(?:i|I=|Ig==))$/.test(payload);
});
/** Better Auth: a key of 32 letters and a padded signature. */
const BETTER_AUTH_KEY = form((value) => {
  const [key = "", signature = "", ...more] = value.replaceAll(/%(?:2B|2F|3D)/gi, "=").split(".");
  return more.length === 0 && key.length === 32 && isWord(key) && /^[\w+/=-]{43}=$/.test(signature);
});
/** @fastify/session: a key of 24 bytes and its signature, both in base64 without padding. */
const FASTIFY_SIGNED = form((value) => {
  const [key = "", signature = "", ...more] = value.replaceAll(/%(?:2B|2F)/gi, "+").split(".");
  return more.length === 0 && key.length === 32 && isWord(key) && /^[\w+/-]{43}$/.test(signature);
});
/** Base64 of `{"session":{`. */
const BETTER_AUTH_DATA = /^eyJzZXNzaW9uIjp7/;
/** The same, in its form as a JWT. */
const BETTER_AUTH_JWT = form(
  (value) => JWT.test(value) && readBase64Text(value.split(".")[1]).startsWith('{"session":{'),
);
/** @fastify/secure-session: ciphertext, `;`, and a nonce of 24 bytes, both in base64. */
const SECURE_SESSION = form((value) => {
  const [sealed = "", nonce = "", ...more] = value.replaceAll(/%(?:2B|2F|3D)/gi, "+").split(/;|%3B/i);
  return more.length === 0 && nonce.length === 32 && [sealed, nonce].every((part) => /^[\w+/=]+$/.test(part));
});
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** `session`, `sessionid`, `sess`, `sid` as a part of a name between other characters. */
const SESSION_PART = /(?:^|[^a-z])(?:sess(?:ion)?(?:id)?|sid)(?:[^a-z]|$)/i;
const CSRF_PART = /csrf|xsrf/i;
/** Laravel's `remember_web_` and a hash of 40 digits. */
const LARAVEL_REMEMBER = form(
  (name) => /^remember_\w+$/.test(name) && name.length > 50 && /^_[0-9a-f]+$/.test(name.slice(-41)),
);

const RULES: readonly Rule[] = [
  { framework: "Django", role: "session", name: /^sessionid$/ },
  { framework: "Django", role: "session", name: /^(?!messages$)/, value: DJANGO_OBJECT },
  { framework: "Django", role: "csrf", name: /^csrftoken$/ },

  { framework: "WorkOS", role: "session", name: /^wos-session$/ },
  { framework: "WorkOS", role: "auth", name: /^wos-auth-verifier(?:-\w+)?$/ },
  { framework: "Nuxt", role: "session", name: /^nuxt-session$/ },
  { framework: "h3", role: "session", name: /^h3$/, value: SEALED },
  { framework: "TanStack Start", role: "session", name: /^start$/, value: SEALED },
  { framework: "iron-session", role: "session", value: IRON_SESSION },
  { framework: "Sealed (iron)", role: "session", value: SEALED },
  { framework: "Phoenix", role: "auth", name: /_remember_me$/, value: PHOENIX_VALUE },
  { framework: "Phoenix", role: "session", value: PHOENIX_VALUE },
  { framework: "Starlette", role: "session", value: STARLETTE_VALUE },
  { framework: "Flask", role: "session", name: /^session$/, value: FLASK_VALUE },
  { framework: "Flask", role: "auth", name: /^remember_token$/ },

  { framework: "Auth.js", role: "session", name: /^(?:next-auth|authjs)\.session-token(?:\.\d+)?$/ },
  { framework: "Auth.js", role: "csrf", name: /^(?:next-auth|authjs)\.csrf-token$/ },
  { framework: "Auth.js", role: "auth", name: /^(?:next-auth|authjs)\./ },
  { framework: "Better Auth", role: "session", name: /^better-auth\.session_(?:token|data)(?:\.\d+)?$/ },
  { framework: "Better Auth", role: "session", name: /\.session_token$/, value: BETTER_AUTH_KEY },
  { framework: "Better Auth", role: "session", name: /\.session_data(?:\.0)?$/, value: BETTER_AUTH_DATA },
  { framework: "Better Auth", role: "session", name: /\.session_data$/, value: BETTER_AUTH_JWT },
  { framework: "SuperTokens", role: "session", name: /^sAccessToken$/, value: JWT },
  { framework: "SuperTokens", role: "auth", name: /^sRefreshToken$/ },
  { framework: "SuperTokens", role: "auth", name: /^sFrontToken$/, value: JSON_BASE64 },
  { framework: "Auth0", role: "session", name: /^appSession(?:\.\d+)?$/ },
  { framework: "Auth0", role: "session", name: /^__session$/, value: AUTH0_SEALED },
  { framework: "Auth0", role: "session", name: /^__session__\d+$/ },
  { framework: "Auth0", role: "auth", name: /^__(?:txn_|FC_\d+$)/, value: AUTH0_SEALED },
  { framework: "Clerk", role: "session", name: /^__session$/, value: CLERK_TOKEN },
  { framework: "Clerk", role: "session", name: /^__session_[\w-]{8}$/, value: JWT },
  { framework: "Clerk", role: "auth", name: /^__client_uat(?:_[\w-]{8})?$/, value: /^\d+$/ },
  { framework: "Clerk", role: "auth", name: /^__refresh_[\w-]{8}$/ },
  { framework: "Clerk", role: "auth", name: /^__clerk_db_jwt(?:_[\w-]{8})?$/ },
  { framework: "Supabase", role: "session", name: /^sb-[\w-]+-auth-token(?:\.\d+)?$/ },
  { framework: "Lucia", role: "session", name: /^auth_session$/ },
  { framework: "Remix", role: "session", name: SESSION_PART, value: REMIX_SIGNED },
  { framework: "Remix", role: "session", name: /^__session$/, value: JSON_BASE64 },

  { framework: "Adonis", role: "session", name: /^adonis[-_]session(?:-values)?$/ },
  { framework: "Adonis", role: "session", name: SESSION_PART, value: ADONIS_KEY },
  { framework: "Adonis", role: "session", name: UUID, value: ADONIS_SEALED },
  { framework: "Express", role: "session", name: /^connect\.s(?:id|ess)$/ },
  { framework: "Express", role: "session", name: /^express[:.](?:sess|sid)(?:\.sig)?$/ },
  { framework: "Express", role: "session", name: SESSION_PART, value: EXPRESS_SIGNED },
  { framework: "Express", role: "session", value: EXPRESS_KEY },
  { framework: "Koa", role: "session", name: /^koa[:.]s(?:ess|id)(?:\.sig)?$/ },
  { framework: "Sails", role: "session", name: /^sails\.sid$/ },
  { framework: "Fastify", role: "session", name: /^sessionId$/, value: /^[\w%+/=-]+\.[\w%+/=-]+$/ },
  { framework: "Fastify", role: "session", name: SESSION_PART, value: FASTIFY_SIGNED },
  { framework: "Fastify", role: "session", name: SESSION_PART, value: SECURE_SESSION },
  { framework: "cookie-session", role: "session", name: /^session\.sig$/ },
  { framework: "cookie-session", role: "session", name: /^session$/, value: JSON_BASE64 },

  { framework: "Laravel", role: "csrf", name: /^XSRF-TOKEN$/, value: LARAVEL_VALUE },
  { framework: "Laravel", role: "auth", name: LARAVEL_REMEMBER },
  { framework: "Laravel", role: "session", name: /^laravel[_-]session$/ },
  { framework: "Laravel", role: "session", name: /[_-]session$/, value: LARAVEL_VALUE },
  { framework: "Rails", role: "session", name: /^_\w+_session$/ },
  { framework: "Rails", role: "session", name: /session/i, value: RAILS_VALUE },
  { framework: "Rails", role: "auth", name: /^remember_\w+_token$/ },
  { framework: "Rack", role: "session", name: /^rack\.session$/ },

  { framework: "PHP", role: "session", name: /^PHPSESSID$/ },
  { framework: "Symfony", role: "auth", name: /^REMEMBERME$/ },
  { framework: "CodeIgniter", role: "session", name: /^ci_session$/ },
  { framework: "CodeIgniter", role: "csrf", name: /^csrf_cookie_name$/ },
  { framework: "CakePHP", role: "session", name: /^CAKEPHP$/ },
  { framework: "CakePHP", role: "csrf", name: /^csrfToken$/ },
  { framework: "Drupal", role: "session", name: /^S?SESS[0-9a-f]{32}$/ },
  { framework: "WordPress", role: "auth", name: /^wordpress_(?:logged_in|sec)_[0-9a-f]{32}$/ },
  { framework: "TYPO3", role: "session", name: /^(?:fe|be)_typo_user$/ },
  { framework: "Craft CMS", role: "session", name: /^CraftSessionId$/ },

  { framework: "Java", role: "session", name: /^JSESSIONID(?:SSO)?$/ },
  { framework: "Spring", role: "session", name: /^SESSION$/ },
  { framework: "Spring", role: "auth", name: /^remember-me$/ },
  { framework: "Play", role: "session", name: /^PLAY_SESSION$/ },
  { framework: "Play", role: "session", name: /^PLAY_FLASH$/ },
  { framework: "Keycloak", role: "session", name: /^(?:KEYCLOAK|AUTH)_SESSION(?:_ID)?(?:_LEGACY)?$/ },

  { framework: "ASP.NET", role: "session", name: /^ASP\.NET_SessionId$/i },
  { framework: "ASP.NET", role: "session", name: /^\.AspNetCore\.Session$/ },
  { framework: "ASP.NET", role: "csrf", name: /^(?:\.AspNetCore\.Antiforgery\.|__RequestVerificationToken)/ },
  { framework: "ASP.NET", role: "auth", name: /^\.(?:ASPXAUTH|AspNet\.|AspNetCore\.(?:Cookies|Identity))/ },
  { framework: "ASP", role: "session", name: /^ASPSESSIONID[A-Z]{8}$/ },
  { framework: "ColdFusion", role: "session", name: /^CF(?:ID|TOKEN|GLOBALS)$/i },

  { framework: "Perl", role: "session", name: /^(?:CGISESSID|mojolicious)$/ },
  { framework: "Go", role: "session", name: /^(?:gosessionid|scs_session)$/ },
  { framework: "web2py", role: "session", name: /^session_id_\w+$/ },
  { framework: "Tornado", role: "csrf", name: /^_xsrf$/ },
  { framework: "unknown", role: "csrf", name: /^(?:XSRF-TOKEN|_?csrf(?:[_-]?token)?)$/i },
  { framework: "JWT", role: "session", value: JWT },
  {
    framework: "unknown",
    role: "session",
    name: /^(?:sess|(?:__)?session|sid|session[_-]?id|session[_-]token)$/i,
  },
];

/** Names of CSRF protection: what they carry is not the session, however it is signed. */
const CSRF_RULES = RULES.filter(({ role }) => role !== "session");

/** Which library's session cookie this is, from name and value alone; null if it does not look like one. */
export function recognise(name: string, value: string): Recognised | null {
  const bare = name.replace(PREFIX, "");
  const rules = CSRF_PART.test(bare) ? CSRF_RULES : RULES;
  const rule = rules.find((candidate) => matches(candidate, bare, value));
  return rule ? { framework: rule.framework, role: rule.role } : null;
}

function matches(rule: Rule, name: string, value: string): boolean {
  return (rule.name?.test(name) ?? true) && (rule.value?.test(value) ?? true);
}

/** Payload, time and signature as itsdangerous joins them, around a payload whose form `fits` accepts. */
function isTimeSigned(value: string, fits: (payload: string) => boolean): boolean {
  const [payload = "", time = "", signature = "", ...more] = value.split(".");
  if (more.length > 0 || time.length < 5 || time.length > 8 || signature.length < 27) return false;
  return isWord(time) && isWord(signature) && fits(payload);
}

/** Base64 of a JSON object with a space after the first key's colon. */
function isSpacedJson(payload: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(payload) || payload.length % 4 !== 0) return false;
  return /^\{"(?:[^"\\]|\\.)*": /.test(atob(payload));
}

/** What base64 or base64url encodes, a character for each byte; empty if it is neither. */
function readBase64Text(text = ""): string {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return /^[A-Za-z0-9+/]+$/.test(plain) && plain.length % 4 !== 1 ? atob(plain) : "";
}

function withoutDot(value: string): string {
  return value.startsWith(".") ? value.slice(1) : value;
}

function isWord(text: string | undefined): boolean {
  return text !== undefined && /^[\w-]+$/.test(text);
}

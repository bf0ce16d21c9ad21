/**
 * Which cookies carry sessions, and whose: one table, read from top to bottom, first match wins.
 *
 * A name alone decides where it is telling (`PHPSESSID`); where frameworks share a name (`session`), the
 * form of the value decides. Nothing is decoded here.
 */
import type { Recognised } from "../messages/tab-cookie.ts";

interface Rule {
  framework: string;
  role: Recognised["role"];
  /** Against the name without `__Host-` and `__Secure-`. */
  name?: RegExp;
  /** Against the value as sent, percent signs included. */
  value?: RegExp;
}

const PREFIX = /^__(?:Host|Secure)-/i;

/** itsdangerous: payload, time, signature; a dot before it means compressed. */
const FLASK_VALUE = /^\.?[\w-]+\.[\w-]{5,8}\.[\w-]{27,}$/;
/** Django's `signing.dumps`: payload, time, signature between colons. */
const DJANGO_SIGNED = /^\.?[\w-]+:\w{6}:[\w-]{27,}$/;
const EXPRESS_SIGNED = /^s(?::|%3A)[^.]+\.[\w%+/=-]{40,}$/i;
/** Laravel's encrypter: base64 of `{"iv":`. */
const LARAVEL_VALUE = /^eyJpdiI6/;
/** Rails: encrypted in three parts or signed in two. */
const RAILS_VALUE = /^[\w%+/=-]+--(?:[\w%+/=-]+--[\w%+/=-]+|[0-9a-f]{40,})$/;
const SEALED = /^Fe26\.2\*/;
const PHOENIX_VALUE = /^SFMyNTY\./;
const JWT = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/;
const JSON_BASE64 = /^eyJ[\w+/%-]+=*(?:%3D)*$/i;

const RULES: readonly Rule[] = [
  { framework: "Django", role: "session", name: /^sessionid$/, value: /^(?:[a-z0-9]{32}|)$/ },
  { framework: "Django", role: "session", value: DJANGO_SIGNED },
  { framework: "Django", role: "session", name: /^sessionid$/ },
  { framework: "Django", role: "csrf", name: /^csrftoken$/ },

  { framework: "iron-session", role: "session", value: SEALED },
  { framework: "Phoenix", role: "session", name: /^_\w+_key$/, value: PHOENIX_VALUE },
  { framework: "Phoenix", role: "session", value: PHOENIX_VALUE },
  { framework: "Flask", role: "session", name: /^session$/, value: FLASK_VALUE },
  { framework: "Flask", role: "auth", name: /^remember_token$/ },

  { framework: "Auth.js", role: "session", name: /^(?:next-auth|authjs)\.session-token(?:\.\d+)?$/ },
  { framework: "Auth.js", role: "csrf", name: /^(?:next-auth|authjs)\.csrf-token$/ },
  { framework: "Auth.js", role: "auth", name: /^(?:next-auth|authjs)\./ },
  { framework: "Better Auth", role: "session", name: /^better-auth\.session_(?:token|data)$/ },
  { framework: "Auth0", role: "session", name: /^appSession(?:\.\d+)?$/ },
  { framework: "Clerk", role: "session", name: /^__(?:session|client_uat)(?:_\w+)?$/, value: JWT },
  { framework: "Supabase", role: "session", name: /^sb-[\w-]+-auth-token(?:\.\d+)?$/ },
  { framework: "Lucia", role: "session", name: /^auth_session$/ },
  { framework: "Nuxt", role: "session", name: /^nuxt-session$/ },
  { framework: "Remix", role: "session", name: /^__session$/ },

  { framework: "Express", role: "session", name: /^connect\.s(?:id|ess)$/ },
  { framework: "Express", role: "session", name: /^express[:.](?:sess|sid)(?:\.sig)?$/ },
  { framework: "Express", role: "session", value: EXPRESS_SIGNED },
  { framework: "Koa", role: "session", name: /^koa[:.]s(?:ess|id)(?:\.sig)?$/ },
  { framework: "Sails", role: "session", name: /^sails\.sid$/ },
  { framework: "Adonis", role: "session", name: /^adonis-session(?:-values)?$/ },
  { framework: "Fastify", role: "session", name: /^sessionId$/ },
  { framework: "cookie-session", role: "session", name: /^session\.sig$/ },
  { framework: "cookie-session", role: "session", name: /^session$/, value: JSON_BASE64 },

  { framework: "Laravel", role: "csrf", name: /^XSRF-TOKEN$/, value: LARAVEL_VALUE },
  { framework: "Laravel", role: "auth", name: /^remember_\w+_[0-9a-f]{40}$/ },
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
  { framework: "unknown", role: "session", name: /^(?:sess|session|sid|session[_-]?id|session[_-]token)$/i },
];

/** Whose session cookie this is, from name and value alone; null when it looks like none. */
export function recognise(name: string, value: string): Recognised | null {
  const bare = name.replace(PREFIX, "");
  const rule = RULES.find((candidate) => matches(candidate, bare, value));
  return rule ? { framework: rule.framework, role: rule.role } : null;
}

function matches(rule: Rule, name: string, value: string): boolean {
  return (rule.name?.test(name) ?? true) && (rule.value?.test(value) ?? true);
}

/** Which framework's session cookie it is, by name and value. The values have the format that each framework really sends. */
import { describe, expect, it } from "vitest";
import { recognise } from "../../../extension/background/recognise.ts";

const hex = (length: number) => "0123456789abcdef".repeat(4).slice(0, length);
const laravel = "eyJpdiI6IkZvbyIsInZhbHVlIjoiYmFyIiwibWFjIjoiYmF6In0%3D";
const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = (claims: object) => `${encode({ alg: "RS256" })}.${encode(claims)}.c2ln`;
const clerk = tokenOf({ sid: "sess_42", sub: "user_42" });
/** Sealed under a key that both sides share, with this encryption. */
const jwe = (enc: string) => `${encode({ enc, alg: "dir" })}..aXY.c2VhbGVk.dGFn`;
const uuid = "26d5c0b4-0812-4bdc-bbeb-5b7112d38713";
const adonis = (message: string, purpose: string) => `s%3A${encode({ message, purpose })}.${"a".repeat(43)}`;
const flask = "eyJ1c2VyX2lkIjoxMjN9.Zx8AbQ.dGhpcy1pcy1hLXNpZ25hdHVyZS0x";
const dumps = ".eJyrViotTi2KL0jMTAEAGd4D5Q:1tEfGh:Ss8sH7QmFvZ2C6l0yI8m5dN1kE3wQhTgVbXcZaPoLfU";

const known: [name: string, value: string, framework: string, role: string][] = [
  ["sessionid", "k3v9hx2m4p0q8z7c1n5b6a0s9d8f7g2h", "Django", "session"],
  ["sessionid", dumps, "Django", "session"],
  ["my_session", dumps, "Django", "session"],
  ["csrftoken", hex(32), "Django", "csrf"],
  ["session", flask, "Flask", "session"],
  ["session", `.${flask}`, "Flask", "session"],
  ["remember_token", `42|${hex(64)}`, "Flask", "auth"],
  ["connect.sid", "s%3Aabc.def", "Express", "session"],
  ["sid", `s%3Aq2W3e4R5.${"a".repeat(43)}`, "Express", "session"],
  ["koa.sess", "eyJ2aWV3cyI6MX0=", "Koa", "session"],
  ["session", "eyJ2aWV3cyI6MX0=", "cookie-session", "session"],
  ["session.sig", "kUgl5sFqj", "cookie-session", "session"],
  ["sessionId", "abc.def", "Fastify", "session"],
  ["session_id", `VdeQ07Xi3heoiIem46_LXoiPQ0Ac2_74.${"a".repeat(43)}`, "Fastify", "session"],
  ["session_id", `IMwQ07Xi3heoiIem46_LXoiPQ0Acliu7.${"a".repeat(43)}`, "Fastify", "session"],
  ["_blog_session", "aGVsbG8=--aXY=--dGFn", "Rails", "session"],
  ["remember_user_token", "x", "Rails", "auth"],
  ["laravel_session", laravel, "Laravel", "session"],
  ["shop-session", laravel, "Laravel", "session"],
  ["XSRF-TOKEN", laravel, "Laravel", "csrf"],
  [`remember_web_${hex(40)}`, laravel, "Laravel", "auth"],
  ["PHPSESSID", "q1w2e3r4t5", "PHP", "session"],
  ["REMEMBERME", "x", "Symfony", "auth"],
  ["ci_session", hex(32), "CodeIgniter", "session"],
  [`SSESS${hex(32)}`, "x", "Drupal", "session"],
  [`wordpress_logged_in_${hex(32)}`, "x", "WordPress", "auth"],
  ["JSESSIONID", "0A1B2C3D4E5F.node1", "Java", "session"],
  ["SESSION", "ZDIyN2Y4", "Spring", "session"],
  ["PLAY_SESSION", "eyJhbGciOiJIUzI1NiJ9", "Play", "session"],
  ["ASP.NET_SessionId", "x1y2", "ASP.NET", "session"],
  [".AspNetCore.Session", "CfDJ8", "ASP.NET", "session"],
  [".AspNetCore.Antiforgery.w5W7x28NAIs", "CfDJ8", "ASP.NET", "csrf"],
  [".AspNetCore.Identity.Application", "CfDJ8", "ASP.NET", "auth"],
  ["ASPSESSIONIDQQTASBBC", "X", "ASP", "session"],
  ["__Secure-next-auth.session-token", jwt, "Auth.js", "session"],
  ["authjs.session-token.1", "x", "Auth.js", "session"],
  ["__Host-authjs.csrf-token", "x%7Cy", "Auth.js", "csrf"],
  ["any_name", "Fe26.2*1*abc*def", "iron-session", "session"],
  ["nuxt-session", "x", "Nuxt", "session"],
  ["_app_key", "SFMyNTY.g3QAAAAB.sig", "Phoenix", "session"],
  ["CFTOKEN", "12345", "ColdFusion", "session"],
  ["token", jwt, "JWT", "session"],
  ["sAccessToken", jwt, "SuperTokens", "session"],
  ["sRefreshToken", "x", "SuperTokens", "auth"],
  ["sFrontToken", "eyJ1aWQiOiI0MiIsImF0ZSI6MX0=", "SuperTokens", "auth"],
  ["__session", clerk, "Clerk", "session"],
  ["__session_a-B_9z0x", jwt, "Clerk", "session"],
  ["__client_uat", "0", "Clerk", "auth"],
  ["__client_uat_a-B_9z0x", "1790000000", "Clerk", "auth"],
  ["__refresh_a-B_9z0x", "x", "Clerk", "auth"],
  ["__clerk_db_jwt", "x", "Clerk", "auth"],
  ["__session", jwe("A256GCM"), "Auth0", "session"],
  ["__session__1", "x", "Auth0", "session"],
  ["appSession.0", "x", "Auth0", "session"],
  ["__txn_x1", jwe("A256GCM"), "Auth0", "auth"],
  ["__FC_0", jwe("A256GCM"), "Auth0", "auth"],
  ["adonis-session", "x", "Adonis", "session"],
  ["adonis_session", adonis(uuid, "adonis_session"), "Adonis", "session"],
  ["shop_sid", adonis(uuid, "shop_sid"), "Adonis", "session"],
  [uuid, "e%3Anova.v1%3ALyBW.YTVT.q19I", "Adonis", "session"],
  ["start", "Fe26.2**abc*def", "TanStack Start", "session"],
  ["wos-auth-verifier", "Fe26.2*1*abc*def", "WorkOS", "auth"],
  ["wos-auth-verifier-1a2b", "Fe26.2*1*abc*def", "WorkOS", "auth"],
  ["any_name", "Fe26.2**abc*def", "Sealed (iron)", "session"],
  ["__Secure-better-auth.session_data.0", "x", "Better Auth", "session"],
  ["better-auth.session_data.1", "x", "Better Auth", "session"],
  ["shop.session_data", "eyJzZXNzaW9uIjp7InNlc3Npb24iOnt9fX0", "Better Auth", "session"],
  ["shop.session_data", tokenOf({ session: { token: "t" }, user: {} }), "Better Auth", "session"],
  ["shop.session_data", tokenOf({ sub: "42" }), "JWT", "session"],
  ["__session", "k3v9hx2m4p0q8z7c", "unknown", "session"],
  // the closest to Clerk's, Auth0's and Adonis': another service's token or seal, and a key that Express signed
  ["__session", tokenOf({ iss: "https://session.firebase.google.com/shop", sub: "42" }), "JWT", "session"],
  ["__session", jwe("A256CBC-HS512"), "unknown", "session"],
  ["__session_shop", jwt, "JWT", "session"],
  ["shop_sid", `s%3A${uuid}.${"a".repeat(43)}`, "Express", "session"],
  ["sessionId", "plain", "unknown", "session"],
  ["_app_web_user_remember_me", "SFMyNTY.g3QAAAAB.sig", "Phoenix", "auth"],
  ["csrf_token", jwt, "unknown", "csrf"],
  ["_csrf", `s%3Aq2W3e4R5.${"a".repeat(43)}`, "unknown", "csrf"],
  ["sid", "plain", "unknown", "session"],
  ["XSRF-TOKEN", "plain", "unknown", "csrf"],
];

describe("a cookie", () => {
  it.each(known)("%s with a value like %s is of %s, as %s", (name, value, framework, role) => {
    expect(recognise(name, value)).toEqual({ framework, role });
  });

  it.each([
    ["theme", "dark"],
    ["_ga", "GA1.1.123.456"],
    ["cart", "3"],
    ["locale", "en-US"],
    ["consent", "eyJhIjoxfQ"],
    // cookies for other purposes whose format or name looks like a session's
    ["lang", `s%3Aen.${"a".repeat(43)}`],
    ["theme", "dark:1tEfGh:Ss8sH7QmFvZ2C6l0yI8m5dN1kE3wQhTgVbXcZaPoLfU"],
    ["messages", dumps],
    ["sb-abcdefgh-auth-token-code-verifier", "base64-ImFiYyI"],
    ["shop.session_data", "eyJhIjoxfQ"],
    ["__client_uat", "yes"],
    ["__client_uat_shop", "1790000000"],
    ["__refresh_token", "x"],
    ["__session_shop", "x"],
    ["__session__x", "x"],
    ["__txn_x1", "x"],
    ["appSession.x", "x"],
    ["sAccessToken", "x"],
    ["sFrontToken", "x"],
    ["adonis_sessions", "x"],
    ["theme", adonis("dark", "theme")],
    ["token", adonis(uuid, "token")],
    ["prefs", "e%3Anova.v1%3ALyBW.YTVT.q19I"],
    [uuid, "eyJhIjoxfQ"],
    ["start", "1"],
    ["wos-auth-verifiers", "x"],
    ["cf_clearance", "Tq5yL7f.aXo-1732860000-1.2.1.1-abcdefgh"],
    ["__cf_bm", "k3v9hx2m4p0q8z7c1n5b6a0s9d8f7g2h-1732860000-1.0.1.1-AbCd"],
    ["sidebar_state", "true"],
    ["sidebar", "s3"],
    ["inside", "1"],
    ["assessment", "eyJhIjoxfQ.c2ln"],
    ["csrf_session", `s%3Aq2W3e4R5.${"a".repeat(43)}`],
    ["django_language", "de"],
    ["NEXT_LOCALE", "en"],
    ["", "nameless"],
  ])("%s=%s is not taken for a session's", (name, value) => {
    expect(recognise(name, value)).toBeNull();
  });

  it("of the maximum length gets an answer in any format", () => {
    const values = ["a".repeat(4096), "=".repeat(4096), "--".repeat(2048), "e.".repeat(2048)];
    expect(values.map((value) => recognise("data", value))).toEqual([null, null, null, null]);
  });
});

/** What is offered for frameworks that take no middleware, and for the libraries that are usual there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { offer } from "./add-bridge/offered.ts";

const EXPRESS = "x-powered-by: Express";

describe("Next.js", () => {
  const NEXT = ["x-powered-by: Next.js"];
  const JWE = "eyJhbGciOiJkaXIi";

  it.each([
    ["Auth.js", "authjs.session-token", JWE, "authJs({ secret: process.env.AUTH_SECRET })"],
    [
      "Auth.js",
      "__Secure-authjs.session-token.0",
      JWE,
      'authJs({ secret: process.env.AUTH_SECRET, cookieName: "__Secure-authjs.session-token" })',
    ],
    [
      "Auth.js",
      "next-auth.session-token",
      JWE,
      'authJs({ secret: process.env.NEXTAUTH_SECRET, cookieName: "next-auth.session-token" })',
    ],
    ["Better Auth", "better-auth.session_token", "", "betterAuth(auth)"],
    [
      "iron-session",
      "crumb",
      "",
      'ironSession({ password: process.env.SESSION_PASSWORD, cookieName: "crumb" })',
    ],
  ])("%s, %s: its source, in instrumentation.ts", (framework, name, value, code) => {
    const { lines } = offer({ server: NEXT, framework, name, value });
    expect(lines[0]?.text).toContain("NEXT_RUNTIME");
    expect(lines[0]?.text).toContain(code);
    expect(lines[0]?.language).toBeUndefined();
  });

  it.each([
    ["Auth.js", "authjs.session-token", "traceAuthJs({ … })"],
    ["Better Auth", "better-auth.session_token", "plugins: [traceBetterAuth()]"],
    ["iron-session", "crumb", "traceIronSession(await getIronSession(await cookies(), options))"],
  ])("%s: a second text for the app's own code", (framework, name, code) => {
    const { sentence, lines } = offer({ server: NEXT, framework, name, value: JWE });
    expect(sentence).toContain(code);
    const importName = /trace\w+/.exec(code)?.[0];
    expect(lines[1]?.text).toBe(`import { ${importName} } from "session-bridge/sources";`);
  });

  it("Auth.js with the key of a row in its cookie: the adapter, not a JWT", () => {
    const row = { name: "authjs.session-token", value: "6b0dd4ae-6a39-4b0a-8f4d-0f5b7c6c0f11" };
    const { text, sentence } = offer({ server: NEXT, framework: "Auth.js", ...row });
    expect(text).toContain('const { adapter } = await import("./auth");');
    expect(text).toContain("authJs({ adapter })");
    expect(sentence).toContain("./auth is the file of your app that exports adapter.");
  });

  it("a cookie of Django's: the API's lines, because no bridge follows session-bridge in Next's bundle", () => {
    const { text, sentence } = offer({ server: NEXT, framework: "Django", name: "sessionid" });
    expect(text).toContain("python manage.py session_bridge");
    expect(text).not.toContain("attachBridge");
    expect(sentence).toContain("no bridge follows it there yet");
  });

  it("no cookie yet: an app's own table, and that a login shows the library", () => {
    const { text, sentence } = offer({ server: NEXT });
    expect(text).toContain('customSource({ name: "session table", cookieName: "auth-session"');
    expect(text).not.toContain("watch");
    expect(sentence).toContain("log in first");
    expect(sentence).toContain("docs/custom-source.md");
  });

  it("a cookie of no library: an app's own table, with its name", () => {
    const { text } = offer({ server: NEXT, framework: "unknown", name: "session" });
    expect(text).toContain('cookieName: "session"');
  });

  it("is a condition if only the cookie speaks for it", () => {
    const { sentence, text } = offer({ framework: "Auth.js", name: "authjs.session-token", value: JWE });
    expect(sentence).toContain("looks like Auth.js's. In an app of Next.js:");
    expect(text).toContain("export async function register() {");
  });
});

describe("SvelteKit", () => {
  const KIT = ["x-sveltekit-page"];

  it("its own table: a function for hooks.server.ts", () => {
    const { text, sentence } = offer({ server: KIT, framework: "unknown", name: "session" });
    expect(sentence).toContain("src/hooks.server.ts");
    expect(text).toContain('customSource({ name: "session table", cookieName: "session"');
  });

  it("Auth.js: Vite keeps .env out of process.env", () => {
    const { text, sentence } = offer({
      server: KIT,
      framework: "Auth.js",
      name: "authjs.session-token",
      value: "eyJ",
    });
    expect(sentence).toContain("what src/env.ts declares: AUTH_SECRET has to be there, too.");
    expect(text).toContain('const { env } = await import("$env/dynamic/private");');
    expect(text).toContain("authJs({ secret: env.AUTH_SECRET })");
  });
});

describe("Better Auth and Auth.js", () => {
  const token = { framework: "Better Auth", name: "better-auth.session_token" };

  it.each([
    [EXPRESS, "app.use(openBridge(betterAuth(auth)));"],
    ["x-powered-by: Hono", "const bridge = openBridge(betterAuth(auth));"],
  ])("%s: Better Auth's line", (line, code) => {
    expect(offer({ server: [line], ...token }).text).toContain(code);
  });

  it("an unknown server: the line that needs no middleware", () => {
    const { text, sentence } = offer(token);
    expect(text).toContain('import { attachBridge, betterAuth } from "session-bridge/attach";');
    expect(sentence).toContain("put these lines where the server starts");
  });

  it("Auth.js on Express: before its handler", () => {
    const { text } = offer({
      server: [EXPRESS],
      ...{ framework: "Auth.js", name: "authjs.session-token", value: "eyJ" },
    });
    expect(text).toContain("app.use(openBridge(authJs({ secret: process.env.AUTH_SECRET })));");
  });
});

describe("the examples, which tests start, have the very lines", () => {
  const NEXT = "x-powered-by: Next.js";
  const read = (path: string) => readFileSync(join(import.meta.dirname, "../../../examples", path), "utf8");

  it.each([
    ["better-auth/server.js", EXPRESS, "Better Auth", "better-auth.session_token", ""],
    ["next-auth/instrumentation.ts", NEXT, "Auth.js", "authjs.session-token", "eyJ"],
    ["express-session/server.js", EXPRESS, "Express", "connect.sid", ""],
  ])("%s", (path, line, framework, name, value) => {
    const example = read(path);
    const { lines } = offer({ server: [line], framework, name, value });
    const ours = lines.filter(
      ({ language, text }) => language !== "js" && !text.startsWith("import { trace"),
    );
    expect(ours).not.toEqual([]);
    for (const one of ours.flatMap(({ text }) => text.split("\n"))) expect(example).toContain(one);
  });

  it.each([
    ["next-auth/auth.ts", "Auth.js", "authjs.session-token"],
    ["next-iron-session/session.ts", "iron-session", "shop-session"],
  ])("%s, for the app's own code", (path, framework, name) => {
    const { lines } = offer({ server: [NEXT], framework, name, value: "eyJ" });
    expect(read(path)).toContain(lines[1]?.text);
  });
});

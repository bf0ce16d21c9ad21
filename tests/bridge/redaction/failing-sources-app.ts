/**
 * Sites whose sessions contain secrets instead of data: in validly signed or sealed cookies, and in a Django site's
 * rows, whose table also refuses every change with a secret. It prints what the library prints; the bridge's responses go to
 * the parent process.
 */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sealData } from "iron-session";
import { createSessions, signedCookies } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { withSessions } from "session-bridge/node";
import { joinPossession } from "session-bridge/protocol";
import { cookieSession, ironSession, secureSession } from "session-bridge/sources";
import { openLoopbackServer } from "../../../server-bridge/src/bridge/servers/loopback-server.ts";
import { loadDriver } from "../../../server-bridge/src/core/engines/driver.ts";
import { SESSION_SALT, SIGNED_COOKIES_SALT } from "../../../server-bridge/src/core/signing/salts.ts";
import { sealText } from "../../../server-bridge/src/core/signing/signed-text.ts";
import { createSigner } from "../../../server-bridge/src/core/signing/signer.ts";
import { djangoSource } from "../../../server-bridge/src/sources/django/django.ts";
import type { Source } from "../../../server-bridge/src/sources/source.ts";
import { call } from "../site.ts";

const secrets: string[] = JSON.parse(process.env["SECRETS"] ?? "[]");
const password = "a secret of these tests, longer than thirty-two characters";
const env = { NODE_ENV: "development" };
const seconds = Math.floor(Date.now() / 1000);

function seal(text: string, salt: string): string {
  return sealText(createSigner([Buffer.from(password)], salt), text, seconds, false);
}

/** Serves until `use` is done. */
async function serve(listener: RequestListener, use: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  await use(`http://127.0.0.1:${port}`);
  server.closeAllConnections();
  server.close();
}

const WRITES: Record<string, object> = {
  edit: { operations: [{ op: "set", path: ["a"], valueJson: "1" }] },
  expiry: { change: { kind: "seconds", seconds: 9 } },
  cycle: {},
  flush: {},
};

/** The session, and these writes with its version. For a session that its owner may see, only that it exists. */
async function callAll(origin: string, cookie: string, writes: readonly string[]): Promise<string[]> {
  const first = await call({ origin }, "session", { cookie });
  const version: unknown = Reflect.get(sessionOf(first.json), "version");
  const ifVersion = typeof version === "string" ? version : "v".repeat(22);
  const answers = [first];
  for (const name of writes)
    answers.push(await call({ origin }, name, { cookie, ifVersion, ...WRITES[name] }));
  return answers.map(({ json, text }) => ("version" in sessionOf(json) ? "shown" : text));
}

function sessionOf(json: unknown): object {
  return Object(Reflect.get(Object(json), "session"));
}

/** What may be in place of a session's JSON: the secret itself, and the secret inside text that is nearly or fully JSON. */
function textsWith(secret: string): string[] {
  return [secret, secret.length % 2 === 0 ? JSON.stringify([secret]) : `{"note": ${secret}}`];
}

/** This library's own sessions in cookies; the app also stores what cannot be stored. */
async function useSignedCookies(): Promise<void> {
  const sessions = createSessions({ secretKey: password, engine: signedCookies() });
  const bridge = openBridge(sessions, { env });
  let text = "";
  const app = withSessions(sessions, (request, response) => {
    try {
      if (request.url === "/map") request.session.set("note", new Map([[text, text]]) as never); // what no session accepts
      if (request.url === "/large") request.session.set("note", text.repeat(1_000));
      request.session.get("note");
    } finally {
      response.end("done");
    }
  });
  const answers: string[] = [];
  const listener: RequestListener = (request, response) =>
    bridge(request, response, () => {
      Promise.resolve(app(request, response)).catch(() => response.end());
    });
  await serve(listener, async (origin) => {
    for (text of secrets) {
      for (const json of textsWith(text)) {
        const cookie = seal(json, SIGNED_COOKIES_SALT);
        await fetch(origin, { headers: { cookie: `sessionid=${cookie}` } });
        answers.push(...(await callAll(origin, cookie, ["edit"])));
      }
      for (const path of ["/map", "/large"])
        answers.push(await (await fetch(origin + path)).text().catch(() => ""));
    }
  });
  process.send?.({ what: "signed cookies", answers });
}

/** A library that keeps sessions in cookies. `toCookie` makes a cookie from a string as the library itself would. */
async function useCookies(source: Source, name: string, toCookie: (text: string) => Promise<string>) {
  const bridge = openBridge(source, { env });
  const answers: string[] = [];
  const listener: RequestListener = (request, response) =>
    bridge(request, response, () => {
      response.setHeader(
        "set-cookie",
        `${name}=${new URL(request.url ?? "", "http://a").searchParams.get("set")}`,
      );
      response.end("done");
    });
  await serve(listener, async (origin) => {
    for (const text of secrets) {
      for (const json of textsWith(text)) {
        const cookie = await toCookie(json);
        const value = cookie.split(";")[0] ?? "";
        await fetch(`${origin}/?set=${encodeURIComponent(value)}`, {
          headers: { cookie: `${name}=${cookie}` },
        });
        answers.push(...(await callAll(origin, cookie, [])));
      }
    }
  });
  process.send?.({ what: source.library.name, answers });
}

/** A Django site's table that refuses changes. Half of its rows contain secrets instead of sessions. */
async function useDjango(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sessions-test-"));
  const path = join(folder, "db.sqlite3");
  const table = new DatabaseSync(path);
  table.exec(
    "CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL)",
  );
  const insert = table.prepare("INSERT INTO django_session VALUES (?, ?, '2999-01-01 00:00:00')");
  const keys = secrets.flatMap((text, index) => {
    const [bad, good] = ["b", "g"].map((letter) => letter + String(index).padStart(31, "0"));
    if (bad === undefined || good === undefined) return [];
    insert.run(bad, seal(text, SESSION_SALT));
    insert.run(good, seal('{"cart":[]}', SESSION_SALT));
    const raise = `WHEN OLD.session_key = '${good}' BEGIN SELECT RAISE(ABORT, '${text.replaceAll("'", "''")}'); END`;
    table.exec(`CREATE TRIGGER u${index} BEFORE UPDATE ON django_session ${raise}`);
    table.exec(`CREATE TRIGGER d${index} BEFORE DELETE ON django_session ${raise}`);
    return [bad, good];
  });
  table.close();
  const { source, close } = djangoSource({ database: `sqlite:${path}`, secretKey: password, serves: [] });
  const server = await openLoopbackServer(source, { env }, [0]);
  const answers: string[] = [];
  const names = Object.keys(WRITES);
  for (const [index, key] of keys.entries()) {
    const write = key.startsWith("b") ? "edit" : (names[(index >> 1) % names.length] ?? "");
    answers.push(...(await callAll(`http://127.0.0.1:${server.port}`, key, [write])));
  }
  await server.close();
  await close();
  rmSync(folder, { recursive: true });
  process.send?.({ what: "Django", answers });
}

/** The part of sodium-native that is used; it comes with @fastify/secure-session. */
interface Sodium {
  crypto_secretbox_MACBYTES: number;
  crypto_secretbox_NONCEBYTES: number;
  crypto_secretbox_easy(cipher: Buffer, message: Buffer, nonce: Buffer, key: Buffer): void;
}

process.once("disconnect", () => process.exit()); // even if the test has already ended
await useSignedCookies();
await useCookies(cookieSession({ keys: [password] }), "session", async (text) => {
  const value = Buffer.from(text).toString("base64");
  const signature = createHmac("sha1", password).update(`session=${value}`).digest("base64url");
  return joinPossession(value, "session.sig", signature);
});
await useCookies(ironSession({ password, cookieName: "iron" }), "iron", (text) =>
  sealData(text, { password }),
);
const sodium = loadDriver("sodium-native", "this test") as Sodium; // as declared above
const key = randomBytes(32);
await useCookies(secureSession({ key }), "session", async (text) => {
  const message = Buffer.from(text);
  const nonce = randomBytes(sodium.crypto_secretbox_NONCEBYTES);
  const cipher = Buffer.alloc(message.length + sodium.crypto_secretbox_MACBYTES);
  sodium.crypto_secretbox_easy(cipher, message, nonce, key);
  return encodeURIComponent(`${cipher.toString("base64")};${nonce.toString("base64")}`);
});
await useDjango();
process.disconnect?.();

/**
 * Reads a Django project's settings through Django itself: `python3` imports the settings module and prints the few
 * that matter here. Nothing of the project runs but its settings, and what those print is no part of the answer.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { codeOf, SessionError } from "../../core/errors.ts";

/** A Django project's settings, as far as they concern sessions. */
export interface DjangoSettings {
  version: string;
  secretKey: string;
  secretKeyFallbacks: string[];
  engine: string;
  cookieName: string;
  cookieAge: number;
  cookieDomain: string | null;
  cookiePath: string;
  cookieSecure: boolean;
  expireAtBrowserClose: boolean;
  useTz: boolean;
  timeZone: string;
  /** The address of the default database in this library's form; null for a backend it does not know. */
  database: string | null;
}

const READER = `
import json, os, sys
out, sys.stdout = sys.stdout, sys.stderr
sys.path.insert(0, os.getcwd())
import django
from django.conf import settings as s
from urllib.parse import quote
def address(d):
    engine, name = d.get("ENGINE", "").rsplit(".", 1)[-1], str(d.get("NAME", ""))
    if engine in ("sqlite3", "spatialite"): return "sqlite:" + name
    scheme = {"postgresql": "postgres", "postgis": "postgres", "mysql": "mysql"}.get(engine)
    if not scheme: return None
    user, password = quote(d.get("USER") or "", safe=""), quote(d.get("PASSWORD") or "", safe="")
    login = user + (":" + password if password else "") + "@" if user else ""
    host, port = quote(d.get("HOST") or "127.0.0.1", safe="[]:"), str(d.get("PORT") or "")
    return scheme + "://" + login + host + (":" + port if port else "") + "/" + quote(name, safe="")
text = lambda k: k.decode("latin-1") if isinstance(k, bytes) else k
json.dump({
  "version": django.get_version(), "secretKey": text(s.SECRET_KEY),
  "secretKeyFallbacks": [text(k) for k in getattr(s, "SECRET_KEY_FALLBACKS", [])],
  "engine": s.SESSION_ENGINE, "cookieName": s.SESSION_COOKIE_NAME, "cookieAge": s.SESSION_COOKIE_AGE,
  "cookieDomain": s.SESSION_COOKIE_DOMAIN, "cookiePath": s.SESSION_COOKIE_PATH, "cookieSecure": bool(s.SESSION_COOKIE_SECURE),
  "expireAtBrowserClose": s.SESSION_EXPIRE_AT_BROWSER_CLOSE, "useTz": s.USE_TZ, "timeZone": s.TIME_ZONE,
  "database": address(s.DATABASES.get("default", {})),
}, out)
`;

/**
 * Reads the settings of the project in `directory`.
 *
 * @param module the settings module, `mysite.settings`
 * @param python the interpreter that has Django; a virtual environment's own, or `python3`
 * @throws SessionError `settings` with the kind and place of Python's complaint and what to do instead. It has no `cause`: that
 *   would be this program and all that it printed, the site's secret perhaps among it
 */
export async function readDjangoSettings(
  module: string,
  directory: string,
  python: string,
): Promise<DjangoSettings> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", READER], {
      cwd: directory,
      env: { ...process.env, DJANGO_SETTINGS_MODULE: module },
      timeout: 30_000,
    });
    const settings: DjangoSettings = JSON.parse(stdout); // printed by READER above, member for member
    return settings;
  } catch (error) {
    throw new SessionError(
      "settings",
      `the settings module ${JSON.stringify(module)} could not be read with ${python}: ${whyUnread(error)}. Run this in the project's folder with its virtual environment, or give --database and set DJANGO_SECRET_KEY instead.`,
    );
  }
}

/** Why there are no settings: what kind of failure it was, and where. Python's own text may quote a password. */
function whyUnread(error: unknown): string {
  if (codeOf(error) === "ENOENT") return "there is no such program, or no such folder";
  if (error instanceof SyntaxError) return "what was printed is not the settings' JSON";
  if (Reflect.get(Object(error), "killed") === true) return "it took longer than 30 seconds";
  const complaint = String(Reflect.get(Object(error), "stderr") ?? "").slice(-MAX_COMPLAINT);
  return readTraceback(complaint) ?? `Python ended with code ${Number(Reflect.get(Object(error), "code"))}`;
}
const MAX_COMPLAINT = 20_000;

/** The exception's class and the last place outside Django in a traceback; null when there is none. */
function readTraceback(complaint: string): string | null {
  const lines = complaint.split(/\r?\n/);
  const last = lines.findLastIndex((line) => FRAME.test(line));
  const thrown = lines.slice(last + 1).find((line) => /^\S/.test(line));
  const name = /^[A-Za-z_][\w.]{0,100}(?=:|$)/.exec(thrown ?? "")?.[0];
  if (last === -1 || name === undefined) return null;
  const place = lines
    .slice(0, last + 1)
    .flatMap((line) => FRAME.exec(line)?.slice(1, 3).join(":") ?? [])
    .findLast((one) => !/^<|[\\/][Ll]ib[\\/]python|site-packages|dist-packages/.test(one));
  const what = SAFE_DETAILS.map((form) => form.exec(thrown ?? "")?.[1]).find(
    (detail) => detail !== undefined,
  );
  return name + (what === undefined ? "" : `: ${what}`) + (place === undefined ? "" : ` at ${place}`);
}
const FRAME = /^ {2}File "([^"]{1,300})", line (\d{1,9})/;
/** Names in what Python says: of a module, and of a variable in the environment. */
const SAFE_DETAILS = [
  /^ModuleNotFoundError: (No module named '[\w.]{1,100}')$/,
  /^KeyError: ('[A-Z]{2,20}(?:_[A-Z]{1,20}){1,4}')$/,
];

/**
 * Reads a Django project's settings through Django itself: `python3` imports the settings module and prints the few
 * that matter here. Nothing of the project runs but its settings, and what those print is no part of the answer.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SessionError } from "../../core/errors.ts";

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
 * @throws SessionError `settings` with the last line of Python's complaint and what to do instead
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
      `the settings module ${JSON.stringify(module)} could not be read with ${python}: ${lastLine(error)}. Run this in the project's folder with its virtual environment, or give --database and set DJANGO_SECRET_KEY instead.`,
      { cause: error },
    );
  }
}

function lastLine(error: unknown): string {
  const stderr = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : "";
  const line = stderr.trim().split("\n").at(-1);
  return line || (error instanceof Error ? error.message : String(error));
}

/**
 * Reads a Django project's settings through Django itself: `python3` imports the settings module and prints the few
 * that matter here. Nothing of the project runs except its settings, and their own output is not part of the answer.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SessionError } from "../../core/errors.ts";
import type { ChannelPlace } from "./channel-place.ts";
import { complaintOf, explainFailure } from "./settings-failure.ts";

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
  /** The address of the default database in this library's form; null for an unknown backend. */
  database: string | null;
  /** Whether django-session-bridge is among its apps: then `manage.py session_bridge` is there. */
  hasCommand: boolean;
  /** Where the site reports its requests; null unless that package's middleware is among its own. */
  channel: ChannelPlace | null;
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
def channel():
    if "session_bridge.middleware.SessionBridgeMiddleware" not in s.MIDDLEWARE: return None
    try: from session_bridge.place import folder, name_of_site
    except ImportError: return None
    return {"folder": str(folder()), "name": name_of_site()}
text = lambda k: k.decode("latin-1") if isinstance(k, bytes) else k
json.dump({
  "version": django.get_version(), "secretKey": text(s.SECRET_KEY),
  "secretKeyFallbacks": [text(k) for k in getattr(s, "SECRET_KEY_FALLBACKS", [])],
  "engine": s.SESSION_ENGINE, "cookieName": s.SESSION_COOKIE_NAME, "cookieAge": s.SESSION_COOKIE_AGE,
  "cookieDomain": s.SESSION_COOKIE_DOMAIN, "cookiePath": s.SESSION_COOKIE_PATH, "cookieSecure": bool(s.SESSION_COOKIE_SECURE),
  "expireAtBrowserClose": s.SESSION_EXPIRE_AT_BROWSER_CLOSE, "useTz": s.USE_TZ, "timeZone": s.TIME_ZONE,
  "database": address(s.DATABASES.get("default", {})),
  "hasCommand": any(app.split(".")[0] == "session_bridge" for app in s.INSTALLED_APPS), "channel": channel(),
}, out)
`;

/**
 * Reads the settings of the project in `directory`.
 *
 * @param module the settings module, `mysite.settings`
 * @param python the interpreter that has Django: a virtual environment's own, or `python3`
 * @param complained receives all that Python wrote when it failed, which may hold secrets: for the user's own terminal only
 * @throws SessionError `settings` with the kind and place of Python's error and the next step. It has no `cause`,
 * because that would contain this program and everything it printed, perhaps including the site's secret
 */
export async function readDjangoSettings(
  module: string,
  directory: string,
  python: string,
  complained: (text: string) => void = () => {},
): Promise<DjangoSettings> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", READER], {
      cwd: directory,
      env: { ...process.env, DJANGO_SETTINGS_MODULE: module },
      timeout: 30_000,
      maxBuffer: 16 * 1024 * 1024, // a project that logs much as it loads
    });
    const settings: DjangoSettings = JSON.parse(stdout); // printed by READER above, member for member
    return settings;
  } catch (error) {
    complained(complaintOf(error));
    throw new SessionError("settings", explainFailure(error, { module, directory, python }));
  }
}

/** `init` opens the bridge for the tab, in development only. `handle` is the app's own. */
import { dev } from "$app/env";
import * as sessions from "./lib/sessions.js";

export async function init() {
  if (!dev) return;
  const { attachBridge, customSource } = await import("session-bridge/attach");
  const { toKey, load, save, remove, watch } = sessions;
  const calls = { toKey, load, save, delete: remove, watch };
  attachBridge(customSource({ name: "session table", cookieName: "session", ...calls }));
}

export function handle({ event, resolve }) {
  const token = event.cookies.get("session");
  event.locals.key = token && sessions.toKey(token);
  event.locals.session = token && sessions.load(event.locals.key);
  return resolve(event);
}

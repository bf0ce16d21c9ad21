/** Names of the harness page's states: `?state=login`. Apart from the states themselves, so that specs can read them. */
export const NAMES = [
  "demo",
  "login",
  "django",
  "django-login",
  "now",
  "logout",
  "changes",
  "cookie",
  "raw",
  "why",
  "why-many",
  "no-bridge",
  "no-bridge-line",
  "try-demo",
  "no-access",
  "no-session",
  "filtered",
  "closed-page",
  "lost",
  "back",
  "refused",
  "version",
  "tampered",
  "unproven",
  "other-origin",
  "other-token",
  "shared-cookie",
  "site-elsewhere",
  "range",
  "editing",
  "edit-text",
  "add-key",
  "conflict",
  "saved",
  "edit-cookie",
  "close-preview",
  "close-result",
  "fast-forward",
  "expiry",
  "settings",
  "snapshots",
  "exchange",
  "expired",
  "hostile",
  "many",
  "large",
  "countdowns",
] as const;

/** The notices about the way to the bridge. They differ in their words only, so most specs leave them out. */
export const CONNECT_NAMES = [
  "needs-allow-remote",
  "needs-host",
  "closed-by-proxy",
  "caller-unknown",
  "certificate-not-accepted",
  "port-unreachable",
  "port-of-another",
  "open-directly",
  "in-between",
  "not-seen-yet-by-panel",
  "only-dev-server",
] as const;

/** The notices about sessions in cookies of other libraries. They, too, differ in their words only. */
export const COOKIE_NAMES = ["accepted-from-copy", "chunks-of-two-generations"] as const;

/** The list of a user's sessions, with the deadlines of the one that is shown. */
export const DEVICES_NAMES = [
  "devices",
  "devices-end",
  "devices-ended",
  "devices-one",
  "devices-many",
  "devices-no-user",
  "devices-failed",
  "deadlines",
] as const;

export type DevicesName = (typeof DEVICES_NAMES)[number];
export type ConnectName = (typeof CONNECT_NAMES)[number];
export type CookieName = (typeof COOKIE_NAMES)[number];
export type StateName = (typeof NAMES)[number] | ConnectName | CookieName | DevicesName;

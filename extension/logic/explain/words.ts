/** Durations, dates and names as the sentences of "Why?" write them. */
import { toAheadMs } from "../server-clock.ts";
import { showUnseen } from "../show-unseen.ts";

const STEPS: readonly [number, string][] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** `2 weeks` is `14 days`, `90 s` is `1 minute`: the largest unit that fits, rounded down. */
export function sayDuration(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const [size, unit] = STEPS.find(([step]) => seconds >= step) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A datetime in UTC, as servers write it in headers. */
export function sayMoment(ms: number): string {
  return new Date(ms).toUTCString();
}

/** The same for a date by the server's clock: by the browser's if the difference is known, or it says whose clock it is. */
export function sayServerMoment(ms: number, skewMs: number | null): string {
  if (skewMs === null) return `${sayMoment(ms)} by the server's clock`;
  return sayMoment(ms - toAheadMs(skewMs));
}

/** A name, path or host chosen by the app or a stranger, with invisible characters made visible. */
export const sayName = showUnseen;

/** `POST /login`, or "a request" when it is not known. */
export function sayRequest(request: { method: string; url: string } | null): string {
  if (!request) return "a request";
  return `${sayName(request.method)} ${sayName(URL.canParse(request.url) ? new URL(request.url).pathname : request.url)}`;
}

/** The next step on a Django site where a login kept its key. */
export const DJANGO_LOGIN =
  "Log in with django.contrib.auth.login(), which gives the session a new key, or call request.session.cycle_key() at login.";

/** The next step on a Django site that did not store a session because of the response's status. */
export const DJANGO_SAVE =
  "Fix the error. To keep a change all the same, call request.session.save() in the view.";

/** Secrets in the paths of URLs: what follows a segment such as `reset`, and what a segment carries after a `;`. */
import { type Found, note } from "./found.ts";
import { CAPITAL, DIGIT, endOf, isAt, SMALL, STEP } from "./letters.ts";

/** Segments after which a URL carries a secret, and within how many segments. */
const BEFORE_SECRETS: ReadonlySet<string> = new Set(
  (
    "reset reset-password password-reset password_reset resetpassword verify verify-email verification confirm " +
    "confirmation activate activation invite invites invitation invitations magic magic-link magiclink token tokens " +
    "unsubscribe otp sso share shared passwordless one-time onetime recover recovery key secret auth signin login-link"
  ).split(" "),
);
const STEPS_AFTER = 3;
/** A shorter segment is a number or a short name. */
const LEAST_STEP = 6;

/** Finds the path segments that are secret because of what precedes them: `/reset/<secret>/`. */
export function findStepsInPaths(text: string, found: Found): void {
  let left = 0;
  for (let at = text.indexOf("/"); at !== -1; at = text.indexOf("/", at)) {
    const start = at + 1;
    const end = endOfStep(text, start);
    if (left > 0 && isSecretStep(text, start, end)) note(found, start, end);
    left = BEFORE_SECRETS.has(text.slice(start, Math.min(end, start + 20)).toLowerCase())
      ? STEPS_AFTER
      : left - 1;
    if (text[end] !== "/") left = 0;
    at = end;
  }
}

/** A path segment, percent signs included. */
function endOfStep(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isAt(text, at, STEP) || ":%@!$'()*,".includes(text.charAt(at)))) at += 1;
  return at;
}

/** True unless it is a word such as `done` or `password`, or a plain number. */
function isSecretStep(text: string, start: number, end: number): boolean {
  if (end - start < LEAST_STEP) return false;
  let at = start;
  let [digits, capitals] = [0, 0];
  for (; at < end; at += 1) {
    if (isAt(text, at, DIGIT)) digits += 1;
    else if (isAt(text, at, CAPITAL)) capitals += 1;
  }
  const small = endOf(text, start, SMALL | CAPITAL, end) === end && capitals <= 1;
  return !small && (digits > 0 || capitals > 1);
}

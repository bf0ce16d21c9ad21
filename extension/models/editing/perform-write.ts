/** Does one write: compare-and-swap on the server, then updates the browser's cookie to match, and offers the undo. */
import { type Calls, PROTOCOL_VERSION } from "session-bridge/protocol";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";
import { takeBackWrite } from "./take-back-write.ts";
import { type Outcome, toOutcome, type Write, type WriteCall, type WriteParts } from "./write.ts";

/** Does it and offers its undo. The caller reads session and cookies again. */
export async function performWrite<N extends WriteCall>(
  parts: WriteParts,
  write: Write<N>,
): Promise<Outcome> {
  const { subject, session } = write;
  const possession = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value, ifVersion: session.version };
  // The request of each write call consists of its own fields and the possession.
  const request = { ...write.request, ...possession } as unknown as Calls[N]["request"];
  const outcome = toOutcome(await parts.bridge.call(subject.origin, write.call, request));
  if (outcome.kind !== "done") return outcome;
  const { answer } = outcome;
  const now = await alignCookie(parts.cookies, subject.cookie, {
    value: answer.cookie,
    expiresAt: write.cookieExpiry(answer),
  });
  const did = `${write.did}${parts.where(subject.origin)}`;
  parts.did({
    did: now.problem === null ? did : `${did}, but the cookie was not: ${showUnseen(now.problem)}`,
    back: () => takeBackWrite(parts, write, { answer, cookie: now.cookie }),
  });
  return outcome;
}

/** Updates the browser's cookie to match the server. A null value deletes it; an undefined expiry stays as it is. */
async function alignCookie(
  cookies: CookiesPort,
  cookie: TabCookie,
  wanted: { value: string | null; expiresAt: number | null | undefined },
): Promise<{ cookie: TabCookie | null; problem: string | null }> {
  const { value } = wanted;
  if (value === null) {
    const gone = await cookies.remove(cookie);
    return { cookie: null, problem: gone ? null : "it is still there." };
  }
  const expiresAt = wanted.expiresAt === undefined ? cookie.expiresAt : wanted.expiresAt;
  if (value === cookie.value && expiresAt === cookie.expiresAt) return { cookie, problem: null };
  const written = await cookies.write({ ...cookie, value, expiresAt }, cookie);
  if (written.ok) return { cookie: written.cookie, problem: null };
  return { cookie: written.restored ? cookie : null, problem: written.reason };
}

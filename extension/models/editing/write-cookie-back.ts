/** The undo of a change to one cookie. */
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";

interface WriteBackParts {
  port: CookiesPort;
  /** Reads session and cookies again. */
  refresh: () => void;
}

/** Writes `old` in place of `now`. Null if it worked, otherwise one sentence about why not. */
export async function writeCookieBack(
  { port, refresh }: WriteBackParts,
  old: TabCookie,
  now: TabCookie | null,
): Promise<string | null> {
  const back = await port.write(old, now);
  refresh();
  return back.ok ? null : `Not undone: ${showUnseen(back.reason)}`;
}

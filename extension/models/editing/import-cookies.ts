/** Cookies from outside, set one by one in the tab's jar, and taken back together. */
import type { PortableCookie } from "../../logic/formats/portable.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import type { Change } from "./undo.ts";

/** What setting cookies needs. */
export interface ImportParts {
  ports: { cookies: CookiesPort };
  /** The cookies that the tab has now. */
  cookies: (watch: Watch) => readonly TabCookie[];
  /** Reads session and cookies again. */
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** Sets each cookie; those that the browser refuses are named with its reason. */
export async function importCookies(parts: ImportParts, cookies: readonly PortableCookie[]): Promise<void> {
  const before = parts.cookies("all"); // what comes in can overwrite any of them
  const failed: string[] = [];
  const written: TabCookie[] = [];
  for (const cookie of cookies) {
    const result = await parts.ports.cookies.write(
      { ...cookie, id: "", storeId: "", recognised: null },
      null,
    );
    if (result.ok) written.push(result.cookie);
    else failed.push(`${cookie.name}: ${result.reason}`);
  }
  parts.refresh();
  if (written.length === 0) return parts.tell(`No cookie was set. ${failed.join(" ")}`);
  const did = `Set ${written.length} of ${cookies.length} cookies`;
  parts.did({
    did: failed.length === 0 ? did : `${did}. ${failed.join(" ")}`,
    back: () => takeBack(parts, before, written),
  });
}

async function takeBack(
  { ports, refresh }: ImportParts,
  before: readonly TabCookie[],
  written: readonly TabCookie[],
): Promise<string | null> {
  const failed: string[] = [];
  for (const cookie of written) {
    const old = before.find(({ id }) => id === cookie.id);
    const back = old ? (await ports.cookies.write(old, null)).ok : await ports.cookies.remove(cookie);
    if (!back) failed.push(cookie.name);
  }
  refresh();
  return failed.length === 0 ? null : `Not undone: ${failed.join(", ")}.`;
}

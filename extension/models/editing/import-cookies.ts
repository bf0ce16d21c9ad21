/** Imported cookies, set one by one in the tab's jar, and undone together. */
import type { PortableCookie } from "../../logic/formats/portable.ts";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { SliceRun } from "../../logic/slices.ts";
import type { CookieWriteResult, TabCookie } from "../../messages/tab-cookie.ts";
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

/** The most refusals that are listed; the others are counted. */
const MAX_TOLD = 5;

/** Sets each cookie; those that the browser refuses are named with its reason. Stops early when requested. */
export async function importCookies(
  parts: ImportParts,
  cookies: readonly PortableCookie[],
  { signal, progress }: Pick<SliceRun, "signal" | "progress">,
): Promise<void> {
  const before = parts.cookies("all"); // imported cookies can overwrite any of them
  const failed: string[] = [];
  const written: TabCookie[] = [];
  for (const [index, cookie] of cookies.entries()) {
    if (signal.aborted) break;
    if (index > 0) progress(index / cookies.length);
    const result = await write(parts.ports.cookies, { ...cookie, id: "", storeId: "", recognised: null });
    if (result.ok) written.push(result.cookie);
    else failed.push(`${showUnseen(cookie.name)}: ${showUnseen(result.reason)}`);
  }
  parts.refresh();
  const refused = listOf(failed);
  if (written.length === 0) return parts.tell(`No cookie was set. ${refused}`.trim());
  const did = `Set ${written.length} of ${cookies.length} cookies`;
  parts.did({
    did: failed.length === 0 ? did : `${did}. ${refused}`,
    back: () => takeBack(parts, before, written),
  });
}

/** Writes one cookie. A write that throws counts as refused: the others still get their turn, and their undo. */
async function write(port: CookiesPort, cookie: TabCookie): Promise<CookieWriteResult> {
  return port.write(cookie, null).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `The browser did not answer: ${text}`, restored: false };
  });
}

async function takeBack(
  { ports, refresh }: ImportParts,
  before: readonly TabCookie[],
  written: readonly TabCookie[],
): Promise<string | null> {
  const failed: string[] = [];
  const old = new Map(before.map((cookie) => [cookie.id, cookie]));
  for (const cookie of written) {
    const former = old.get(cookie.id);
    const back = former
      ? (await write(ports.cookies, former)).ok
      : await ports.cookies.remove(cookie).catch(() => false);
    if (!back) failed.push(showUnseen(cookie.name));
  }
  refresh();
  return failed.length === 0 ? null : `Not undone: ${listOf(failed, ", ")}.`;
}

function listOf(texts: readonly string[], between = " "): string {
  const told = texts.slice(0, MAX_TOLD).join(between);
  return texts.length > MAX_TOLD ? `${told}${between}and ${texts.length - MAX_TOLD} more` : told;
}

/**
 * Editing a cookie: value, expiry and flags. The new one is set and verified before the old one is deleted, so a refusal loses
 * nothing.
 */
import { createModel, signal } from "@preact/signals";
import { chunksOf } from "../../logic/chunked-cookies.ts";
import { cookieKey } from "../../logic/explain/cookie-identity.ts";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";
import { applyCookieDraft, type CookieDraft, startCookieDraft } from "./cookie-draft.ts";
import type { Change } from "./undo.ts";
import { writeCookieBack } from "./write-cookie-back.ts";

interface CookieEditorOptions {
  port: CookiesPort;
  /** The cookie as it is now: a server may change its value while it is edited. */
  current: (id: string) => TabCookie | undefined;
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
  now: () => number;
}

/** The cookie that is being edited, and the changes to cookies that need no form. */
export const CookieEditorModel = createModel((options: CookieEditorOptions) => {
  const draft = signal<CookieDraft | null>(null);
  const saving = signal(false);
  /** Why the browser did not accept it. */
  const refusal = signal<string | null>(null);
  const removed = signal<ReadonlyMap<string, number>>(new Map());

  const write = async (next: TabCookie, old: TabCookie, did: string): Promise<boolean> => {
    saving.value = true;
    refusal.value = null;
    const result = await options.port.write(next, old);
    saving.value = false;
    options.refresh();
    if (!result.ok) {
      refusal.value = `${showUnseen(result.reason)} ${result.restored ? "The cookie is as it was." : "The old cookie is gone."}`;
      options.tell(`Not saved: ${refusal.value}`);
      return false;
    }
    options.did({
      did,
      back: async () => {
        const now = options.current(result.cookie.id);
        const kept = now !== undefined && next.value === old.value ? { ...old, value: now.value } : old;
        return writeCookieBack(options, kept, result.cookie);
      },
    });
    return true;
  };

  return {
    draft,
    saving,
    refusal,
    /** When a cookie was last deleted here, by its `cookieKey`. */
    removed,
    begin(cookie: TabCookie) {
      refusal.value = null;
      draft.value = startCookieDraft(cookie);
    },
    change(fields: Partial<Omit<CookieDraft, "cookie">>) {
      if (draft.value !== null) draft.value = { ...draft.value, ...fields };
    },
    revert() {
      draft.value = null;
      refusal.value = null;
    },
    async save() {
      const current = draft.peek();
      if (current === null || saving.peek()) return;
      const { cookie } = current;
      const latest = options.current(cookie.id) ?? cookie;
      const next = applyCookieDraft(current, latest);
      if (next === null) {
        refusal.value = "The expiry is not a date.";
        return;
      }
      if (await write(next, latest, `Saved the cookie ${showUnseen(cookie.name)}`)) draft.value = null;
    },
    async expireIn(cookie: TabCookie, seconds: number) {
      const expiresAt = options.now() + seconds * 1000;
      const latest = options.current(cookie.id) ?? cookie;
      await write({ ...latest, expiresAt }, latest, `${showUnseen(cookie.name)} expires in ${seconds} s`);
    },
    async remove(cookie: TabCookie) {
      const gone = await options.port.remove(cookie);
      options.refresh();
      if (!gone) return options.tell(`${showUnseen(cookie.name)} could not be deleted`);
      const keys = chunksOf(cookie).map((each) => cookieKey(each.name, each));
      removed.value = new Map([...removed.peek(), ...keys.map((key) => [key, options.now()] as const)]);
      options.did({
        did: `Deleted the cookie ${showUnseen(cookie.name)}`,
        back: () => writeCookieBack(options, cookie, null),
      });
    },
  };
});

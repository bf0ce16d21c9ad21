/** Editing a cookie: value, expiry and flags. Set and verified before the old one goes, so a refusal loses nothing. */
import { createModel, signal } from "@preact/signals";
import type { CookiesPort, SameSite, TabCookie } from "../../ports/ports.ts";
import type { Change } from "./undo.ts";

/** The form's fields. `expires` is local time as `<input type="datetime-local">` has it; empty ends with the browser. */
export interface CookieDraft {
  cookie: TabCookie;
  name: string;
  value: string;
  path: string;
  expires: string;
  httpOnly: boolean;
  secure: boolean;
  sameSite: SameSite;
}

export interface CookieEditorOptions {
  port: CookiesPort;
  /** The cookie as it is now: a server may give it another value while it is edited. */
  current: (id: string) => TabCookie | undefined;
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
  now: () => number;
}

export const CookieEditorModel = createModel((options: CookieEditorOptions) => {
  const draft = signal<CookieDraft | null>(null);
  const saving = signal(false);
  /** Why the browser did not take it. */
  const refusal = signal<string | null>(null);
  const removed = signal<ReadonlyMap<string, number>>(new Map());

  const write = async (next: TabCookie, old: TabCookie, did: string): Promise<boolean> => {
    saving.value = true;
    refusal.value = null;
    const result = await options.port.write(next, old);
    saving.value = false;
    options.refresh();
    if (!result.ok) {
      refusal.value = `${result.reason} ${result.restored ? "The cookie is as it was." : "The old cookie is gone."}`;
      options.tell(`Not saved: ${refusal.value}`);
      return false;
    }
    options.did({
      did,
      back: async () => {
        const now = options.current(result.cookie.id);
        const kept = now !== undefined && next.value === old.value ? { ...old, value: now.value } : old;
        const back = await options.port.write(kept, result.cookie);
        options.refresh();
        return back.ok ? null : `Not undone: ${back.reason}`;
      },
    });
    return true;
  };

  return {
    draft,
    saving,
    refusal,
    /** When a cookie was last deleted here, by its name. */
    removed,
    begin(cookie: TabCookie) {
      refusal.value = null;
      draft.value = { ...toFields(cookie), cookie };
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
      const expiresAt = readLocal(current.expires);
      if (expiresAt === "odd") {
        refusal.value = "The expiry is no date.";
        return;
      }
      const { cookie } = current;
      const latest = options.current(cookie.id) ?? cookie;
      const { expires, ...changed } = changedFields(current);
      const next: TabCookie = {
        ...latest,
        ...changed,
        expiresAt: expires === undefined ? latest.expiresAt : expiresAt,
      };
      if (await write(next, latest, `Saved the cookie ${cookie.name}`)) draft.value = null;
    },
    async expireIn(cookie: TabCookie, seconds: number) {
      const expiresAt = options.now() + seconds * 1000;
      const latest = options.current(cookie.id) ?? cookie;
      await write({ ...latest, expiresAt }, latest, `${cookie.name} expires in ${seconds} s`);
    },
    async remove(cookie: TabCookie) {
      const gone = await options.port.remove(cookie);
      options.refresh();
      if (!gone) return options.tell(`${cookie.name} could not be deleted`);
      removed.value = new Map([...removed.peek(), [cookie.name, options.now()]]);
      options.did({
        did: `Deleted the cookie ${cookie.name}`,
        back: async () => {
          const back = await options.port.write(cookie, null);
          options.refresh();
          return back.ok ? null : `Not undone: ${back.reason}`;
        },
      });
    },
  };
});

function toFields(cookie: TabCookie): Omit<CookieDraft, "cookie"> {
  const { name, value, path, httpOnly, secure, sameSite } = cookie;
  return { name, value, path, httpOnly, secure, sameSite, expires: toLocal(cookie.expiresAt) };
}

/** The fields that were typed into; the others stay what they are in the browser. */
function changedFields(draft: CookieDraft): Partial<Omit<CookieDraft, "cookie">> {
  const { cookie, ...fields } = draft;
  const before: Record<string, unknown> = toFields(cookie);
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => before[name] !== value));
}

/** `2026-11-23T09:12:44`, as the browser's own date field has it. */
function toLocal(at: number | null): string {
  if (at === null) return "";
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 19);
}

function readLocal(text: string): number | null | "odd" {
  if (text === "") return null;
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? "odd" : at;
}

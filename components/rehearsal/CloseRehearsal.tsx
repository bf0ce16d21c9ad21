/** Simulate browser close: what would be deleted, deleting it, the outcome, and restoring it. */
import "./rehearsal.css";
import type { ReadonlySignal } from "@preact/signals";
import { showUnseen } from "../../extension/logic/show-unseen.ts";

/** A cookie, by what identifies it to a reader. */
interface NamedCookie {
  id: string;
  name: string;
  domain: string;
}

/** What a close would delete. */
interface Preview {
  cookies: readonly NamedCookie[];
  storage: readonly { origin: string; items: readonly unknown[] }[];
}

/** The outcome. */
interface Result {
  case: "closed" | "kept";
  preview: Preview;
  back: readonly NamedCookie[];
  serverAccepts: boolean | null;
  failed: readonly NamedCookie[];
  undone: boolean;
}

interface CloseRehearsalProps {
  /** From the model: the rehearsal's state, and its steps. */
  rehearsal: {
    /** Null while it is being determined. */
    preview: ReadonlySignal<Preview | null>;
    result: ReadonlySignal<Result | null>;
    busy: ReadonlySignal<boolean>;
    close(): Promise<void>;
    keep(): Promise<void>;
    restore(): Promise<void>;
  };
}

/** The contents of its popover. */
export function CloseRehearsal({ rehearsal }: CloseRehearsalProps) {
  const preview = rehearsal.preview.value;
  const result = rehearsal.result.value;
  const busy = rehearsal.busy.value;
  const cookies = preview?.cookies ?? [];
  const items = (preview?.storage ?? []).reduce((sum, each) => sum + each.items.length, 0);
  const nothing = cookies.length + items === 0;
  return (
    <div class="rehearsal">
      <h2>Simulate browser close</h2>
      {preview === null ? <p>Looking…</p> : <p>{previewText(cookies.length, items)}</p>}
      {cookies.length > 0 && (
        <ul>
          {cookies.map((cookie) => (
            <li key={cookie.id}>
              <bdi class="mono">{showUnseen(cookie.name)}</bdi> <span class="dim">{cookie.domain}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="popover-buttons">
        <button
          type="button"
          class="button button-primary"
          aria-disabled={nothing}
          aria-busy={busy}
          onClick={() => !nothing && rehearsal.close()}
        >
          {busy ? "Working…" : actionText(cookies.length, items)}
        </button>
        <button type="button" class="button" onClick={() => rehearsal.keep()}>
          Reload as after a restore
        </button>
      </div>
      <p class="rehearsal-note">
        “Continue where you left off” and crash recovery keep these cookies:{" "}
        <em>Reload as after a restore</em> rehearses that.
      </p>
      {result !== null && <Outcome result={result} onRestore={() => rehearsal.restore()} />}
    </div>
  );
}

function Outcome({ result, onRestore }: { result: Result; onRestore: () => void }) {
  const { back, failed, undone } = result;
  const gone = result.preview.cookies.length;
  return (
    <section class="rehearsal-result" aria-label="Outcome">
      <h3>{result.case === "closed" ? "After the close" : "After the restore"}</h3>
      <dl>
        <dt>Predicted</dt>
        <dd>
          {result.case === "closed" ? `${count(gone, "cookie")} gone` : `${count(gone, "cookie")} kept`}
        </dd>
        <dt>Actual</dt>
        <dd>{actualText(result)}</dd>
        {back.length > 0 && result.case === "closed" && (
          <>
            <dt>Set again</dt>
            <dd>
              <bdi>{back.map((cookie) => showUnseen(cookie.name)).join(", ")}</bdi>
            </dd>
          </>
        )}
        <dt>Server</dt>
        <dd>{serverText(result.serverAccepts)}</dd>
      </dl>
      {failed.length > 0 && (
        <p class="fault">Not put back: {failed.map((cookie) => showUnseen(cookie.name)).join(", ")}</p>
      )}
      {result.case === "closed" && (
        <button type="button" class="button" aria-disabled={undone} onClick={() => !undone && onRestore()}>
          {undone ? "Restored" : "Restore"}
        </button>
      )}
    </section>
  );
}

function previewText(cookies: number, items: number): string {
  if (cookies + items === 0) return "Nothing in this tab ends when the browser closes.";
  const ends = cookies === 1 ? "1 cookie ends at browser close" : `${cookies} cookies end at browser close`;
  return items === 0 ? `${ends}:` : `${ends}, and ${count(items, "item")} of sessionStorage:`;
}

function actionText(cookies: number, items: number): string {
  if (cookies + items === 0) return "Nothing to delete";
  return cookies === 0
    ? `Clear ${count(items, "item")} and reload`
    : `Delete ${count(cookies, "cookie")} and reload`;
}

function actualText({ case: kind, preview, back }: Result): string {
  const gone = preview.cookies.length;
  if (kind === "kept") return back.length === gone ? "as predicted" : `${count(back.length, "cookie")} kept`;
  return back.length === 0
    ? "as predicted"
    : `${count(gone - back.length, "cookie")} gone, ${back.length} there again`;
}

function serverText(accepts: boolean | null): string {
  if (accepts === null) return "not checked: there is no bridge, or its cookie stays";
  return accepts
    ? "still accepts the old cookie, until the session expires"
    : "no longer has a session for the old cookie";
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}

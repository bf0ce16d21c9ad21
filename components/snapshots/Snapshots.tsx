/** Named snapshots of both sides of the session: take one, switch to one, forget one. */
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import "./snapshots.css";
import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";

/** The fields of a snapshot that are shown. */
interface Shown {
  name: string;
  at: number;
  cookies: readonly unknown[];
  server: { origin: string } | null;
}

interface SnapshotsProps<S extends Shown> {
  /** From the model: the snapshots, and what can be done with them. */
  model: {
    snapshots: ReadonlySignal<readonly S[]>;
    busy: ReadonlySignal<boolean>;
    /** Names an origin other than the page's own; empty for the page's own. */
    where(origin: string): string;
    take(name: string): Promise<void>;
    restore(snapshot: S): Promise<void>;
    forget(name: string): void;
  };
  /** Closes the popover. */
  onClose: () => void;
}

/** The contents of its popover. */
export function Snapshots<S extends Shown>({ model, onClose }: SnapshotsProps<S>) {
  const snapshots = model.snapshots.value;
  const field = useRef<HTMLInputElement>(null);
  const switchTo = (snapshot: S): void => {
    onClose();
    model.restore(snapshot);
  };
  return (
    <div class="snapshots">
      <h2>Snapshots</h2>
      <p>Cookies and the server's session, kept together until DevTools closes. Switching can be undone.</p>
      <ul class="snapshot-list">
        {snapshots.map((snapshot) => (
          <li key={snapshot.name}>
            <button
              type="button"
              class="button"
              disabled={model.busy.value}
              onClick={() => switchTo(snapshot)}
            >
              <bdi>Switch to {snapshot.name}</bdi>
            </button>
            <span class="dim">{aboutOf(snapshot, model.where)}</span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Forget ${showUnseen(snapshot.name)}`}
              onClick={() => {
                // This button disappears, and must not take the focus with it.
                field.current?.focus();
                model.forget(snapshot.name);
              }}
            >
              <span class="icon icon-close" aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <KeepForm next={snapshots.length + 1} field={field} onTake={model.take} />
    </div>
  );
}

interface KeepFormProps {
  /** Number of the next snapshot, for one without a name. */
  next: number;
  field: RefObject<HTMLInputElement | null>;
  onTake: (name: string) => void;
}

function KeepForm({ next, field, onTake }: KeepFormProps) {
  const [name, setName] = useState("");
  const taken = name.trim() === "" ? `snapshot ${next}` : name.trim();
  return (
    <form
      class="form-line"
      onSubmit={(event) => {
        event.preventDefault();
        onTake(taken);
        setName("");
      }}
    >
      <label>
        Name
        <input
          class="field"
          placeholder="guest, admin…"
          value={name}
          ref={field}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {/* Never disabled: it would lose the focus, and Escape with it. A press while one is being taken does nothing. */}
      <button type="submit" class="button button-primary">
        Take snapshot
      </button>
    </form>
  );
}

/** `2 cookies and the server's session, 12:04:11`. */
function aboutOf({ cookies, server, at }: Shown, where: (origin: string) => string): string {
  const count = cookies.length === 1 ? "1 cookie" : `${cookies.length} cookies`;
  return `${count}${server === null ? "" : ` and the server's session${where(server.origin)}`}, ${new Date(at).toLocaleTimeString()}`;
}

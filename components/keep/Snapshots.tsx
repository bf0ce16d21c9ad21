/** Named snapshots of both sides of the session: take one, switch to one, forget one. */
import "./keep.css";
import { useRef, useState } from "preact/hooks";

interface SnapshotRow {
  name: string;
  /** `2 cookies and the server's session, 12:04:11`. */
  about: string;
}

interface SnapshotsProps {
  snapshots: readonly SnapshotRow[];
  busy: boolean;
  onTake: (name: string) => void;
  onRestore: (name: string) => void;
  onForget: (name: string) => void;
}

export function Snapshots({ snapshots, busy, onTake, onRestore, onForget }: SnapshotsProps) {
  const [name, setName] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const taken = name.trim() === "" ? `snapshot ${snapshots.length + 1}` : name.trim();
  return (
    <div class="keep">
      <h2>Snapshots</h2>
      <p>Cookies and the server's session, kept together until DevTools closes. Switching can be undone.</p>
      <ul class="keep-list">
        {snapshots.map((snapshot) => (
          <li key={snapshot.name}>
            <button type="button" class="button" disabled={busy} onClick={() => onRestore(snapshot.name)}>
              <bdi>Switch to {snapshot.name}</bdi>
            </button>
            <span class="dim">{snapshot.about}</span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Forget ${snapshot.name}`}
              onClick={() => {
                // This button goes, and must not take the focus along.
                field.current?.focus();
                onForget(snapshot.name);
              }}
            >
              <span class="icon icon-close" aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
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
        {/* Never disabled: it would lose the focus, and Escape with it. What comes while one is taken is left out. */}
        <button type="submit" class="button button-primary">
          Keep now
        </button>
      </form>
    </div>
  );
}

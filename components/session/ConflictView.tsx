/** Three versions of one value, after someone else changed it in the meantime: what it was, yours, theirs. You decide. */

import { useRef } from "preact/hooks";
import { pathText } from "../../extension/logic/json/difference.ts";
import type { Clash } from "../../extension/logic/json/edit-operations.ts";
import { cutText } from "../../extension/logic/json/tree-rows.ts";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { useFocusFirst } from "../common/use-focus.ts";

interface ConflictViewProps {
  clashes: readonly Clash[];
  onOverwrite: () => void;
  onKeepTheirs: () => void;
}

const MAX_VALUE = 1000;

export function ConflictView({ clashes, onOverwrite, onKeepTheirs }: ConflictViewProps) {
  const keep = useRef<HTMLButtonElement>(null);
  useFocusFirst(true, () => keep.current);
  return (
    <section class="conflict" aria-label="Conflict">
      <h2>{titleOf(clashes)}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">You saw</th>
            <th scope="col">Yours</th>
            <th scope="col">Theirs, now</th>
          </tr>
        </thead>
        <tbody>
          {clashes.map((clash) => (
            <tr key={JSON.stringify(clash.path)}>
              <th scope="row">
                <bdi>{cutText(pathText(clash.path), 100)}</bdi>
              </th>
              <td>{side(clash.base)}</td>
              <td class="conflict-yours">{side(clash.yours)}</td>
              <td class="conflict-theirs">{side(clash.theirs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="popover-buttons">
        <button type="button" class="button" onClick={onOverwrite}>
          Overwrite
        </button>
        <button type="button" class="button button-primary" ref={keep} onClick={onKeepTheirs}>
          Keep theirs
        </button>
      </div>
    </section>
  );
}

function titleOf(clashes: readonly Clash[]): string {
  const [only] = clashes;
  if (clashes.length !== 1 || only === undefined) return "The session has changed in the meantime";
  const now = only.theirs === null ? "gone" : cutText(only.theirs, 40);
  return `${showUnseen(cutText(pathText(only.path), 40))} is now ${now}`;
}

function side(text: string | null) {
  return text === null ? <span class="dim">absent</span> : <bdi>{cutText(text, MAX_VALUE)}</bdi>;
}

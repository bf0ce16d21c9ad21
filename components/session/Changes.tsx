/** Before and after, by key: what one request changed, or what differs between two. */
import "./changes.css";
import { type Difference, MAX_DIFFERENCES, pathText } from "../../extension/logic/json/difference.ts";
import { cutText } from "../../extension/logic/json/tree-rows.ts";
import { showUnruly, showUnseen } from "../../extension/logic/show-unseen.ts";

interface ChangesProps {
  changes: readonly Difference[];
  /** Names of the two sides. */
  before: string;
  after: string;
  /** The line of the server's code that wrote a key, for those where it is known. Default: none is. */
  writers?: ReadonlyMap<string, string>;
}

const MARKS = { added: "+", changed: "~", removed: "−" } as const;
const MAX_VALUE = 2000;
const NONE: ReadonlyMap<string, string> = new Map();

export function Changes({ changes, before, after, writers = NONE }: ChangesProps) {
  return (
    <div class="changes-scroll" tabIndex={0} role="region" aria-label="Changes">
      <table class="changes">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">{before}</th>
            <th scope="col">{after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change, at) => (
            <tr key={JSON.stringify(change.path)} class={`change-${change.kind}`}>
              <th scope="row">
                <span class="change-mark">{MARKS[change.kind]}</span>{" "}
                <bdi>{cutText(pathText(change.path), 200) || "whole session"}</bdi>
                <WrittenBy line={writerOf(changes, at, writers)} />
              </th>
              <td class={change.kind === "changed" ? "change-old" : ""}>{side(change.before)}</td>
              <td>{side(change.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length >= MAX_DIFFERENCES && (
        <p class="dim">Only the first {MAX_DIFFERENCES} differences are shown.</p>
      )}
    </div>
  );
}

function WrittenBy({ line }: { line: string | undefined }) {
  if (line === undefined) return null;
  return (
    <span class="change-writer" title={`Written by ${showUnseen(line)}`}>
      {showUnruly(line)}
    </span>
  );
}

/** The line that wrote a change's key, at the first of the changes in that key: a long list has hundreds. */
function writerOf(
  changes: readonly Difference[],
  at: number,
  writers: ReadonlyMap<string, string>,
): string | undefined {
  const key = changes[at]?.path[0];
  if (key === undefined || (at > 0 && changes[at - 1]?.path[0] === key)) return undefined;
  return writers.get(String(key));
}

function side(text: string | null) {
  if (text === null) return <span class="dim">–</span>;
  return <bdi>{text.length > MAX_VALUE ? `${cutText(text, MAX_VALUE)}…` : text}</bdi>;
}

/** Before and after, by key: what one request changed, or what differs between two. */
import "./changes.css";
import { type Difference, MAX_DIFFERENCES, pathText } from "../../extension/logic/json/difference.ts";
import { cutText } from "../../extension/logic/json/tree-rows.ts";

interface ChangesProps {
  changes: readonly Difference[];
  /** Names of the two sides. */
  before: string;
  after: string;
}

const MARKS = { added: "+", changed: "~", removed: "−" } as const;
const MAX_VALUE = 2000;

export function Changes({ changes, before, after }: ChangesProps) {
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
          {changes.map((change) => (
            <tr key={JSON.stringify(change.path)} class={`change-${change.kind}`}>
              <th scope="row">
                <span class="change-mark">{MARKS[change.kind]}</span>{" "}
                <bdi>{cutText(pathText(change.path), 200) || "whole session"}</bdi>
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

function side(text: string | null) {
  if (text === null) return <span class="dim">–</span>;
  return <bdi>{text.length > MAX_VALUE ? `${cutText(text, MAX_VALUE)}…` : text}</bdi>;
}

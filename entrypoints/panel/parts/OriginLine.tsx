/** Names the server whose data the session pane shows, where that is not the page's own. */
import { serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The line at the head of the pane; nothing for the page's own server. */
export function OriginLine({ models }: { models: Models }) {
  const { connection, exchange, view } = models;
  const page = connection.pageOrigin.value;
  const entry = view.selected.value;
  const shown = entry === null ? (connection.current.value?.origin.value ?? null) : serverOf(entry);
  if (exchange.opened.value !== null || shown === null || shown === page) return null;
  return (
    <p class="pane-origin" role="note" aria-label="Origin">
      {entry === null ? "Session of" : "Request to"} <bdi>{shown}</bdi>.
      {page !== null && (
        <>
          {" "}
          This page is <bdi>{page}</bdi>.
        </>
      )}
    </p>
  );
}

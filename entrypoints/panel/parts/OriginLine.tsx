/** Names the server whose data the session pane shows, if it is not the page's own or the row is from a file. */
import { serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The line at the top of the pane; nothing if the page's own server reports the data itself. */
export function OriginLine({ models }: { models: Models }) {
  const { connection, exchange, view } = models;
  const isFromFile = exchange.opened.value !== null;
  const page = isFromFile ? null : connection.pageOrigin.value;
  const entry = view.selected.value;
  const live = isFromFile ? null : (connection.current.value?.origin.value ?? null);
  const shown = entry === null ? live : serverOf(entry);
  if (shown === null) return null;
  const place = (isFromFile ? null : connection.links.value.get(shown)?.place.value) ?? shown;
  if (shown === page && place === shown) return null;
  const isOther = page !== null && shown !== page;
  return (
    <p class={isOther ? "pane-origin is-other" : "pane-origin"} role="note" aria-label="Origin">
      {entry === null ? "Session of" : "Request to"} <bdi>{shown}</bdi>
      {place !== shown && (
        <>
          , read through <bdi>{place}</bdi>
        </>
      )}
      .
      {isOther && (
        <>
          {" "}
          This page is <bdi>{page}</bdi>.
        </>
      )}
    </p>
  );
}

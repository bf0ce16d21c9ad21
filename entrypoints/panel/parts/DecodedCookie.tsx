/** What the selected cookie's value holds, where its format is known. */
import { Facts } from "../../../components/session/Facts.tsx";
import type { Decoded } from "../../../extension/logic/decoders/decoded.ts";
import { cutText } from "../../../extension/logic/json/tree-rows.ts";
import { formatMoment } from "../../../extension/logic/time-text.ts";
import type { Models } from "../../../extension/models/index.ts";

const MAX_JSON = 5000;

/** Its contents as names and values, or nothing. */
export function DecodedCookie({ models }: { models: Models }) {
  const decoded = models.contained.decoded.value;
  if (decoded === null) return null;
  return (
    <>
      <h2 class="subhead">Inside the cookie: {decoded.format}</h2>
      <Facts facts={factsOf(decoded)} />
    </>
  );
}

function factsOf({ json, issuedAt, expiresAt, notes }: Decoded) {
  return [
    ...(json === null ? [] : [{ name: "Contents", value: cutText(json, MAX_JSON), mono: true }]),
    ...(issuedAt === null ? [] : [{ name: "Issued", value: formatMoment(issuedAt) }]),
    ...(expiresAt === null ? [] : [{ name: "Valid until", value: formatMoment(expiresAt) }]),
    ...notes.map((note, index) => ({ name: index === 0 ? "Note" : " ".repeat(index), value: note })),
  ];
}

/** What the selected cookie holds by itself, and what it lacks. */
import { Facts } from "../../../components/session/Facts.tsx";
import type { Decoded } from "../../../extension/logic/decoders/decoded.ts";
import { cookieFindings } from "../../../extension/logic/explain/cookie-findings.ts";
import { cutText } from "../../../extension/logic/json/tree-rows.ts";
import { formatMoment } from "../../../extension/logic/time-text.ts";
import type { Models } from "../../../extension/models/index.ts";

const MAX_JSON = 5000;

export function DecodedPart({ models }: { models: Models }) {
  const decoded = models.contained.decoded.value;
  if (decoded === null) return null;
  return (
    <>
      <h2 class="subhead">Inside the cookie: {decoded.format}</h2>
      <Facts facts={factsOf(decoded)} />
    </>
  );
}

export function FindingsPart({ models }: { models: Models }) {
  const row = models.cookies.selected.value;
  if (
    row === null ||
    (row.cookie.recognised?.role !== "session" && !models.connection.names.value.has(row.cookie.name))
  )
    return null;
  const findings = cookieFindings(row.cookie, models.connection.pageUrl.value ?? null);
  if (findings.length === 0) return null;
  return (
    <>
      <h2 class="subhead">Findings</h2>
      <ul class="findings">
        {findings.map((finding) => (
          <li key={finding}>{finding}</li>
        ))}
      </ul>
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

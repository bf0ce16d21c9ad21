/** What is wrong with the selected cookie's attributes, where it carries a session. */
import { cookieFindings } from "../../../extension/logic/explain/cookie-findings.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The findings as a list, or nothing. */
export function CookieFindings({ models }: { models: Models }) {
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

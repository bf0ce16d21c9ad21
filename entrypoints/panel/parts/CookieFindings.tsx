/** What is wrong with the selected cookie's attributes, where it carries a session. */
import { cookieFindings } from "../../../extension/logic/explain/cookie-findings.ts";
import { identityOf } from "../../../extension/logic/explain/cookie-identity.ts";
import { lastOverwriting } from "../../../extension/logic/explain/overwritten.ts";
import type { Models } from "../../../extension/models/index.ts";
import { pastOf } from "./tab-past.ts";

/** The findings as a list, or nothing. */
export function CookieFindings({ models }: { models: Models }) {
  const row = models.cookies.selected.value;
  if (
    row === null ||
    (row.cookie.recognised?.role !== "session" && !models.connection.names.value.has(row.cookie.name))
  )
    return null;
  const { cookie } = row;
  const overwritten = lastOverwriting(cookie.name, identityOf(cookie), pastOf(models));
  const findings = cookieFindings(cookie, models.connection.pageUrl.value ?? null, overwritten);
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

/** Cookie: the selected cookie's attributes, and every Set-Cookie of its name that was seen. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Facts } from "../../../components/session/Facts.tsx";
import { lifeSetBy } from "../logic/cookies.ts";
import { formatMoment } from "../logic/countdown.ts";
import { labelOf } from "../logic/pins.ts";
import type { Models } from "../models/index.ts";

export function CookieTab({ models }: { models: Models }) {
  const row = models.cookies.selected.value;
  if (row === null) {
    return <Notice title="No cookie is selected" sentence="Choose one in the list to see its attributes." />;
  }
  const { cookie } = row;
  const seen = models.timeline.entries.value.flatMap((entry) => {
    if (entry.type !== "request") return [];
    return entry.request.setCookies
      .filter(
        (line) =>
          line.slice(0, line.indexOf("=")).trim() === cookie.name &&
          lifeSetBy(entry.request, cookie.name, ""),
      )
      .map((line) => ({ name: labelOf(entry), value: line, mono: true, id: entry.id }));
  });
  return (
    <div class="facts-scroll" tabIndex={0} role="region" aria-label="Cookie">
      <Facts
        facts={[
          { name: "Name", value: cookie.name, mono: true },
          { name: "Value", value: cookie.value, mono: true },
          {
            name: "Domain",
            value: cookie.hostOnly ? `${cookie.domain} (this host only)` : cookie.domain,
            mono: true,
          },
          { name: "Path", value: cookie.path, mono: true },
          {
            name: "Expires",
            value: cookie.expiresAt === null ? "at browser close" : formatMoment(cookie.expiresAt),
          },
          { name: "HttpOnly", value: cookie.httpOnly ? "yes" : "no" },
          { name: "Secure", value: cookie.secure ? "yes" : "no" },
          { name: "SameSite", value: cookie.sameSite },
          { name: "Partition", value: cookie.partitionKey?.topLevelSite ?? "none" },
          { name: "Recognised", value: cookie.recognised?.framework ?? "no" },
        ]}
      />
      <h3 class="subhead">Set-Cookie, as seen</h3>
      {seen.length === 0 ? (
        <p class="facts dim">None since DevTools opened.</p>
      ) : (
        <Facts facts={seen.slice(-50).reverse()} />
      )}
    </div>
  );
}

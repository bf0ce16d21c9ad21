/** Cookie: the selected cookie's attributes, editable, and every Set-Cookie of its name that was seen. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { IconButton } from "../../../components/common/IconButton.tsx";
import { useFocusBack } from "../../../components/common/use-focus.ts";
import { Notice } from "../../../components/notice/Notice.tsx";
import { CookieForm } from "../../../components/session/CookieForm.tsx";
import { Facts } from "../../../components/session/Facts.tsx";
import { chunksOf } from "../../../extension/logic/chunked-cookies.ts";
import { type CookieRow, lockOf, sameSiteText } from "../../../extension/logic/cookie-rows.ts";
import { cutText } from "../../../extension/logic/json/tree-rows.ts";
import { NO_COOKIE_CHOSEN } from "../../../extension/logic/notices/pane-notices.ts";
import { showUnseen } from "../../../extension/logic/show-unseen.ts";
import { formatMoment } from "../../../extension/logic/time-text.ts";
import type { Entry } from "../../../extension/logic/timeline/entry.ts";
import { linesSeen } from "../../../extension/logic/timeline/set-cookie-lines.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import type { Models } from "../../../extension/models/index.ts";
import { CookieFindings } from "./CookieFindings.tsx";
import { DecodedCookie } from "./DecodedCookie.tsx";
import { copyText } from "./run-action.ts";

const MAX_VALUE = 5000;

/** The tab. */
export function CookieTab({ models }: { models: Models }) {
  const { cookieEditor, cookies } = models;
  const draft = cookieEditor.draft.value;
  const row = cookies.selected.value;
  useFocusBack(draft !== null, () => document.querySelector<HTMLElement>(".facts-tools button"));
  if (draft !== null) return <CookieForm editor={cookieEditor} />;
  const text = NO_COOKIE_CHOSEN.tell(row);
  if (row === null) return text && <Notice {...text} />;
  return (
    <>
      <Tools models={models} row={row} />
      <Attributes row={row} entries={models.timeline.entries.value}>
        <CookieFindings models={models} />
        <DecodedCookie models={models} />
      </Attributes>
    </>
  );
}

function Tools({ models, row }: { models: Models; row: CookieRow }) {
  const { cookieEditor } = models;
  const off = lockOf(row);
  return (
    <div class="facts-tools">
      <IconButton
        icon="pencil"
        label="Edit cookie"
        disabled={off}
        onClick={() => cookieEditor.begin(row.cookie)}
      />
      <IconButton
        icon="copy"
        label="Copy value"
        onClick={() => copyText(models, row.cookie.value, "the value")}
      />
      <IconButton
        icon="trash"
        label="Delete cookie"
        disabled={off}
        onClick={() => cookieEditor.remove(row.cookie)}
      />
    </div>
  );
}

interface AttributesProps {
  row: CookieRow;
  entries: readonly Entry[];
  /** What else is known of it. */
  children: ComponentChildren;
}

function Attributes({ row, entries, children }: AttributesProps) {
  const { cookie, origin } = row;
  const seen = useMemo(
    () =>
      linesSeen(entries, new Set(chunksOf(cookie).map(({ name }) => name))).map(({ label, line }) => ({
        name: label,
        value: cutText(line, MAX_VALUE),
        mono: true,
      })),
    [entries, cookie],
  );
  const expires = cookie.expiresAt === null ? "when the browser closes" : formatMoment(cookie.expiresAt);
  return (
    <section class="facts-scroll" tabIndex={0} aria-label="Cookie">
      <Facts
        facts={[
          { name: "Name", value: showUnseen(cookie.name), mono: true },
          ...(cookie.chunks === undefined
            ? []
            : [{ name: "Joined from", value: sayChunks(cookie.chunks), mono: true }]),
          { name: "Value", value: cutText(cookie.value, MAX_VALUE), mono: true },
          {
            name: "Domain",
            value: cookie.hostOnly ? `${cookie.domain} (this host only)` : cookie.domain,
            mono: true,
          },
          { name: "Path", value: cookie.path, mono: true },
          {
            name: "Expires",
            value: origin?.by ? `${expires} (${origin.source} set by ${origin.by})` : expires,
          },
          { name: "HttpOnly", value: cookie.httpOnly ? "yes" : "no" },
          { name: "Secure", value: cookie.secure ? "yes" : "no" },
          { name: "SameSite", value: sameSiteText(cookie) ?? "not set" },
          { name: "Partition", value: cookie.partitionKey?.topLevelSite ?? "none" },
          { name: "Recognised", value: cookie.recognised?.framework ?? "no" },
        ]}
      />
      {children}
      <h2 class="subhead">Set-Cookie, as seen</h2>
      {seen.length === 0 ? <p class="facts dim">None since DevTools opened.</p> : <Facts facts={seen} />}
    </section>
  );
}

function sayChunks(chunks: readonly TabCookie[]): string {
  return chunks.map(({ name }) => showUnseen(name)).join(", ");
}

/** The cookies pane. */
import { useState } from "preact/hooks";
import { Menu, type MenuItem } from "../../../components/common/Menu.tsx";
import { CookieList } from "../../../components/cookies/CookieList.tsx";
import { Notice } from "../../../components/notice/Notice.tsx";
import { type CookieRow, lockOf } from "../../../extension/logic/cookie-rows.ts";
import { hostsWithCookies } from "../../../extension/logic/cookies-elsewhere.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { COOKIE_NOTICES, unknownFramesText } from "../../../extension/logic/notices/pane-notices.ts";
import { showUnseen } from "../../../extension/logic/show-unseen.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText, runAction } from "./run-action.ts";

const SOON_SECONDS = 10;

/** The pane. */
export function CookiesPane({ models }: { models: Models }) {
  const { cookies, clock, cookieEditor } = models;
  const [menu, setMenu] = useState<{ row: CookieRow; at: HTMLElement } | null>(null);
  return (
    <section class="cookies" aria-label="Cookies">
      <h2 class="pane-head">
        <span>{models.preferences.value.value.watch === "all" ? "Cookies" : "Session cookies"}</span>
        <span>{cookies.rows.value.length}</span>
      </h2>
      <CookieList
        cookies={cookies}
        now={clock.now}
        empty={<Empty models={models} />}
        onDelete={(row) => lockOf(row) === null && cookieEditor.remove(row.cookie)}
        onMenu={(row, at) => setMenu({ row, at })}
        onEdit={(row) => editCookie(models, row)}
        onCopy={(row) => copyText(models, row.cookie.value, "the value")}
      />
      <UnknownFrames models={models} />
      {menu !== null && (
        <Menu
          label={`Cookie ${showUnseen(menu.row.cookie.name)}`}
          items={itemsFor(models, menu.row)}
          at={menu.at}
          onClose={() => setMenu(null)}
        />
      )}
    </section>
  );
}

function itemsFor(models: Models, row: CookieRow): MenuItem[] {
  const { cookieEditor, view } = models;
  const { cookie } = row;
  const off = lockOf(row);
  return [
    { label: "Edit cookie", off, run: () => editCookie(models, row) },
    { label: "Copy value", run: () => copyText(models, cookie.value, "the value") },
    {
      label: `Expire in ${SOON_SECONDS} s`,
      off,
      run: () => void cookieEditor.expireIn(cookie, SOON_SECONDS),
    },
    { label: "Delete cookie", off, run: () => void cookieEditor.remove(cookie) },
    { label: "Show requests with this cookie", run: () => view.search(`cookie:${cookie.name}`) },
    ...(row.expired ? [{ label: "Dismiss expired cookies", run: models.cookies.dismissExpired }] : []),
  ];
}

function editCookie(models: Models, row: CookieRow): void {
  models.tree.show("cookie");
  if (lockOf(row) === null) models.cookieEditor.begin(row.cookie);
}

/** Below the cookies that are listed: there may be more. */
function UnknownFrames({ models: { cookies } }: { models: Models }) {
  const { unknownFrames = 0 } = cookies.list.value;
  if (unknownFrames === 0 || cookies.rows.value.length === 0) return null;
  return (
    <p class="pane-origin" role="note" aria-label="Frames">
      {unknownFramesText(unknownFrames)}
    </p>
  );
}

function Empty({ models }: { models: Models }) {
  const { cookies, preferences, connection, timeline } = models;
  if (!cookies.loaded.value) return null;
  const text = firstNotice(COOKIE_NOTICES, {
    failure: cookies.failure.value,
    denied: cookies.list.value.denied,
    unknownFrames: cookies.list.value.unknownFrames,
    watchingAll: preferences.value.value.watch === "all",
    candidates: cookies.candidates.value,
    elsewhere: hostsWithCookies(connection.pageUrl.value, cookies.list.value, timeline.entries.value),
  });
  return text && <Notice {...text} onButton={() => runAction(models, text)} />;
}

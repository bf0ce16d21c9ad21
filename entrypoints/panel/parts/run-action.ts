/** What the buttons of notices do. */
import { reportOf } from "../../../extension/logic/notices/live-notices.ts";
import type { NoticeText } from "../../../extension/logic/notices/notice.ts";
import { ALL_KINDS } from "../../../extension/logic/timeline/kinds.ts";
import type { Models } from "../../../extension/models/index.ts";

/** Does what a notice's button promises; nothing when it has none. */
export function runAction(models: Models, notice: NoticeText): void {
  switch (notice.action) {
    case "check-again":
    case "try-now":
      models.connection.tryNow();
      models.cookies.reload();
      return;
    case "allow":
      if (notice.origin !== undefined) models.access.ask(notice.origin);
      return;
    case "choose-origin":
      if (notice.origin !== undefined) models.connection.choose(notice.origin);
      return;
    case "watch-all":
      models.preferences.set({ watch: "all" });
      return;
    case "watch-names":
      models.preferences.watchNames(notice.names ?? []);
      return;
    case "reload-page":
      models.access.reloadPage();
      return;
    case "clear-filter":
      models.view.search("");
      models.preferences.set({ changesOnly: false });
      return;
    case "show-all-kinds":
      models.preferences.set({ kinds: ALL_KINDS });
      return;
    case "show-all-requests":
      models.view.search("");
      models.preferences.set({ changesOnly: false, kinds: ALL_KINDS });
      return;
    case "close-history":
      models.exchange.close();
      return;
    case "dismiss-shared":
      models.connection.dismissShared();
      return;
    case "record":
      models.record(true);
      return;
    case "read-cookies":
      models.cookies.reload();
      return;
    case "show-cookie":
      models.tree.show("cookie");
      return;
    case "delete-copy": {
      const copy = models.session.copy.peek();
      if (copy !== null) void models.cookieEditor.remove(copy);
      return;
    }
    case "list-devices":
      void models.devices.read();
      return;
    case "how-to-allow":
      models.access.explain(notice.action);
      return;
    case "copy-report":
      copyText(models, reportOf(notice, navigator.userAgent), "the report");
      return;
    case undefined:
      return;
  }
}

/** Puts a text on the clipboard and says so. */
export function copyText(models: Models, text: string, what: string): void {
  navigator.clipboard.writeText(text).then(
    () => models.announcer.say(`Copied ${what}`),
    () => models.announcer.say(`${what} could not be copied`),
  );
}

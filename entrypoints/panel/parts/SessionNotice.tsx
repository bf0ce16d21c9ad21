/** What the session pane shows while there is no session to show. */
import { Notice } from "../../../components/notice/Notice.tsx";
import * as notices from "../../../extension/logic/notices.ts";
import { isLoopbackPage } from "../../../extension/logic/origins.ts";
import { serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { Link } from "../../../extension/models/connection/bridge-link.ts";
import { asksForToken } from "../../../extension/models/connection/connection.ts";
import type { Models } from "../../../extension/models/index.ts";
import { PortField } from "./PortField.tsx";
import { copyText, runAction } from "./run-action.ts";
import { TokenField } from "./TokenField.tsx";

/** The notice, with what helps: a line of code, a way to allow, a field for the token. */
export function SessionNotice({ models }: { models: Models }) {
  const text = noticeOf(models);
  if (text === null) return <div class="tab-wait" />;
  const explained = text.action !== undefined && models.access.explained.value === text.action;
  const link = models.connection.current.value;
  const state = link?.state.value;
  return (
    <Notice {...text} onButton={() => runAction(models, text)}>
      {text.code !== undefined && (
        <span class="code-line">
          <code>{text.code}</code>
          <button type="button" class="button" onClick={() => copyText(models, text.code ?? "", "the line")}>
            Copy
          </button>
        </span>
      )}
      {explained && state?.state === "refused" && (
        <p class="notice-sentence">{notices.howToAllow(state.refusal)}</p>
      )}
      {wantsToken(models, link) && link !== null && (
        <TokenField key={link.origin.value} models={models} origin={link.origin.value} />
      )}
      {wantsPort(models, link) && link !== null && (
        <PortField key={link.origin.value} models={models} origin={link.origin.value} />
      )}
    </Notice>
  );
}

/** A bridge that was found on another port of this machine introduced itself without a token, so it is given none. */
function wantsToken(models: Models, link: Link | null): boolean {
  const state = link?.state.value;
  if (link === null || state?.state !== "refused" || link.hello.value?.serves !== undefined) return false;
  return asksForToken(state.refusal.code) && models.connection.mayHaveToken(link.origin.value);
}

/** Ports of this machine are asked unbidden for a page of this machine; for any other only by the person's word. */
function wantsPort(models: Models, link: Link | null): boolean {
  if (link?.state.value.state !== "absent" || models.connection.offered.value !== null) return false;
  const origin = link.origin.value;
  return origin === models.connection.pageOrigin.value && !isLoopbackPage(origin);
}

function noticeOf(models: Models): notices.NoticeText | null {
  const { claimedOrigin, current, links, offered, pageOrigin } = models.connection;
  const entry = models.view.selected.value;
  if (entry !== null) {
    const link = links.value.get(serverOf(entry) ?? "");
    return notices.noSessionAfter(entry, link?.hello.value ?? null);
  }
  const link = current.value;
  const state = link?.state.value;
  if (claimedOrigin.value !== null && link === null) return notices.noAccess(claimedOrigin.value);
  const isVain = state === undefined || state.state === "absent" || state.state === "no-access";
  if (isVain && offered.value !== null) return notices.otherBridge(offered.value, pageOrigin.value);
  if (link === null || state === undefined) return notices.noBridge();
  const origin = link.origin.value;
  switch (state.state) {
    case "asking":
      return null;
    case "absent":
      return notices.noBridge();
    case "no-access":
      return notices.noAccess(origin);
    case "refused":
      return notices.refused(state.refusal);
    case "version":
      return notices.otherVersion(state.theirs);
    case "lost": {
      const seconds = Math.max(0, Math.ceil((state.retryAt - models.clock.now.value) / 1000));
      return state.hello === null ? notices.unreachable(origin, seconds) : null;
    }
    case "ready":
      return state.hello.capabilities.includes("read")
        ? liveNotice(models)
        : notices.unproven(state.hello.unproven);
  }
}

function liveNotice(models: Models): notices.NoticeText | null {
  const withheld = models.session.withheld.value;
  if (withheld !== null) return notices.notSent(withheld.name, withheld.path);
  const live = models.session.live.value;
  const name = models.session.subject.value?.cookie.name ?? null;
  if (live.state === "none") return notices.noSession(live.reason, name);
  if (live.state !== "failed") return null;
  if (live.problem.kind === "refused") return notices.refused(live.problem.refusal);
  return notices.broken("detail" in live.problem ? live.problem.detail : live.problem.kind);
}

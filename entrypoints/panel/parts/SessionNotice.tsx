/** What the session pane shows while there is no session to show. */
import { Notice } from "../../../components/notice/Notice.tsx";
import * as notices from "../../../extension/logic/notices.ts";
import type { LinkState } from "../../../extension/models/connection/bridge-link.ts";
import type { Models } from "../../../extension/models/index.ts";
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
      {wantsToken(state) && link !== null && <TokenField models={models} origin={link.origin.value} />}
    </Notice>
  );
}

function wantsToken(state: LinkState | undefined): boolean {
  return state?.state === "refused" && ["token-missing", "token-wrong"].includes(state.refusal.code);
}

function noticeOf(models: Models): notices.NoticeText | null {
  const entry = models.view.selected.value;
  if (entry !== null) return notices.noSessionAfter(entry);
  const link = models.connection.current.value;
  const state = link?.state.value;
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
      return liveNotice(models);
  }
}

function liveNotice(models: Models): notices.NoticeText | null {
  const live = models.session.live.value;
  const name = models.session.subject.value?.cookie.name ?? null;
  if (live.state === "none") return notices.noSession(live.reason, name);
  if (live.state !== "failed") return null;
  if (live.problem.kind === "refused") return notices.refused(live.problem.refusal);
  return notices.broken("detail" in live.problem ? live.problem.detail : live.problem.kind);
}

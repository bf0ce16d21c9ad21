/** What the session pane shows while there is no session to show. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { findMixedChunks } from "../../../extension/logic/explain/mixed-chunks.ts";
import { BRIDGE_NOTICES, howToAllow } from "../../../extension/logic/notices/bridge-notices.ts";
import { LIVE_NOTICES } from "../../../extension/logic/notices/live-notices.ts";
import { firstNotice, type NoticeText } from "../../../extension/logic/notices/notice.ts";
import { CONTENTS_OF_ROW } from "../../../extension/logic/notices/row-notices.ts";
import { isLoopbackPage } from "../../../extension/logic/origins.ts";
import type { Link } from "../../../extension/models/connection/bridge-link.ts";
import { asksForToken } from "../../../extension/models/connection/connection.ts";
import type { Models } from "../../../extension/models/index.ts";
import { NoticeLines } from "./NoticeLines.tsx";
import { bridgeFacts, rowFacts } from "./notice-facts.ts";
import { PortField } from "./PortField.tsx";
import { runAction } from "./run-action.ts";
import { TokenField } from "./TokenField.tsx";
import { TryButton } from "./TryButton.tsx";

/** The notice, with what helps: a line of code, a way to allow access, a field for the token. */
export function SessionNotice({ models }: { models: Models }) {
  const text = noticeOf(models);
  if (text === null) return <div class="tab-wait" />;
  const explained = text.action !== undefined && models.access.explained.value === text.action;
  const link = models.connection.current.value;
  const state = link?.state.value;
  return (
    <Notice {...text} onButton={() => runAction(models, text)}>
      {text.lines !== undefined && <NoticeLines models={models} lines={text.lines} />}
      {explained && state?.state === "refused" && <p class="notice-sentence">{howToAllow(state.refusal)}</p>}
      {wantsToken(models, link) && link !== null && (
        <TokenField key={link.origin.value} models={models} origin={link.origin.value} />
      )}
      {wantsPort(models, link) && link !== null && (
        <PortField key={link.origin.value} models={models} origin={link.origin.value} />
      )}
      {text.demo !== undefined && <TryButton text={text.demo} isMain={text.action !== "reload-page"} />}
    </Notice>
  );
}

/** A bridge that was found on another port of this machine said that it needs no token, so it gets none. */
function wantsToken(models: Models, link: Link | null): boolean {
  const state = link?.state.value;
  if (link === null || state?.state !== "refused" || link.hello.value?.serves !== undefined) return false;
  return asksForToken(state.refusal.code) && models.connection.mayHaveToken(link.origin.value);
}

/** For a page of this machine, ports of this machine are called automatically; for any other page only on the user's request. */
function wantsPort(models: Models, link: Link | null): boolean {
  if (link?.state.value.state !== "absent" || models.connection.offered.value !== null) return false;
  const origin = link.origin.value;
  return origin === models.connection.pageOrigin.value && !isLoopbackPage(origin);
}

function noticeOf(models: Models): NoticeText | null {
  const entry = models.view.selected.value;
  if (entry !== null) return firstNotice(CONTENTS_OF_ROW, rowFacts(models, entry));
  return firstNotice(BRIDGE_NOTICES, bridgeFacts(models)) ?? liveNotice(models);
}

function liveNotice(models: Models): NoticeText | null {
  const link = models.connection.current.value;
  const state = link?.state.value;
  if (link === null || state?.state !== "ready") return null;
  const { library, engine, cookieNames: names } = state.hello;
  const unread = link.cookies.value.find(
    ({ name, recognised }) => recognised?.role === "session" && !names.includes(name),
  );
  return firstNotice(LIVE_NOTICES, {
    bridge: { library: library.name, engine, names, mismatch: link.mismatch.value },
    unread: unread?.name ?? null,
    live: liveFacts(models),
    withheld: models.session.withheld.value,
    name: models.session.subject.value?.cookie.name ?? null,
    mixed: mixedChunks(models),
  });
}

/** With the copy that the library still accepts, if the browser holds it. */
function liveFacts({ session, clock }: Models) {
  const live = session.live.value;
  if (live.state !== "none") return live;
  const [copy, end] = [session.copy.value, live.acceptedUntil];
  if (copy === null || end === undefined) return { state: live.state, reason: live.reason };
  const until = Math.min(end - clock.aheadMs.value, copy.expiresAt ?? Number.POSITIVE_INFINITY);
  const accepted = { name: copy.name, leftMs: until - clock.now.value };
  return { state: live.state, reason: live.reason, accepted };
}

/** Only if the server cannot open the cookie: otherwise its chunks belong together, or it does not matter. */
function mixedChunks({ session, timeline }: Models) {
  const [live, subject] = [session.live.value, session.subject.value];
  if (subject === null || live.state !== "none" || live.reason !== "tampered") return null;
  return findMixedChunks(subject.cookie, timeline.entries.value)?.chunks ?? null;
}

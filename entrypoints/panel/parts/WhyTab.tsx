/** Why: what the rules say of the selected request, or of the cookie and the session now. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Why } from "../../../components/session/Why.tsx";
import { explain } from "../../../extension/logic/explain/explain.ts";
import { gatherFacts } from "../../../extension/logic/explain/gather.ts";
import type { Entry } from "../../../extension/logic/timeline/entry.ts";
import { labelOf } from "../../../extension/logic/timeline/pins.ts";
import type { Models } from "../../../extension/models/index.ts";

export function WhyTab({ models }: { models: Models }) {
  const { view, cookies, connection, timeline, clock, session, rehearsal, cookieEditor } = models;
  const selected = view.selected.value;
  const name =
    cookies.selected.value?.cookie.name ?? connection.current.value?.hello.value?.cookieNames[0] ?? null;
  const names = namesFor(selected, name);
  if (names.length === 0) {
    return (
      <Notice
        title="Nothing to explain yet"
        sentence="There is no session cookie in this tab. Sign in, or do what starts a session."
      />
    );
  }
  const live = session.live.value;
  const result = rehearsal.result.value;
  const history = models.exchange.opened.value;
  const past = {
    entries: history ?? [],
    cookies: null,
    pageUrl: null,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map<string, number>(),
    now: clock.now.peek(),
  };
  const current = {
    entries: timeline.entries.value,
    cookies: cookies.list.value.cookies,
    pageUrl: connection.pageUrl.value ?? null,
    session: live.state === "none" ? { serverTime: 0, found: false as const, reason: live.reason } : null,
    skewMs: clock.skewMs.value,
    closed: result !== null && result.case === "closed" && !result.undone,
    removed: cookieEditor.removed.value,
    now: clock.now.peek(),
  };
  // Of a request in a history nothing is known but the history.
  const around = history !== null && selected !== null ? past : current;
  const reasons = names.flatMap((each) => explain(gatherFacts(each, selected, around)));
  const about = selected === null ? "now" : labelOf(selected);
  if (reasons.length === 0) {
    const sentence =
      selected === null
        ? `${name} is there, as the server sent it.`
        : "This request did nothing to the session or its cookie.";
    return <Notice title="Nothing needs explaining" sentence={sentence} />;
  }
  const once = new Map(reasons.map((reason) => [reason.sentence, reason]));
  return <Why about={about} reasons={[...once.values()]} />;
}

/** The session's cookie, and every other that the request set: a refused one is in no list. */
function namesFor(entry: Entry | null, name: string | null): string[] {
  const lines = entry?.type === "request" ? entry.request.setCookies : [];
  const set = lines.map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim());
  return [...new Set([name ?? "", ...set])].filter((each) => each !== "");
}

/** Why: what the rules say of the selected request, or of the cookie and the session now. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Reasons } from "../../../components/session/Reasons.tsx";
import { explainRow, namesFor, surroundingsOfHistory } from "../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../extension/logic/explain/gather.ts";
import { labelOf } from "../../../extension/logic/timeline/pins.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The tab. */
export function WhyTab({ models }: { models: Models }) {
  const { view, cookies, connection } = models;
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
  const now = models.clock.now.peek();
  const current = surroundingsOfNow(models, now);
  const history = models.exchange.opened.value;
  const past = history !== null && selected !== null ? surroundingsOfHistory(history, now) : null;
  const reasons = explainRow(names, selected, past ?? current);
  if (reasons.length > 0) {
    return <Reasons about={selected === null ? "now" : labelOf(selected)} reasons={reasons} />;
  }
  const sentence =
    selected === null
      ? `${name} is there, as the server sent it.`
      : "This request did nothing to the session or its cookie.";
  return <Notice title="Nothing needs explaining" sentence={sentence} />;
}

function surroundingsOfNow(models: Models, now: number): Surroundings {
  const { cookies, connection, timeline, clock, cookieEditor } = models;
  const live = models.session.live.value;
  const result = models.rehearsal.result.value;
  return {
    entries: timeline.entries.value,
    cookies: cookies.list.value.cookies,
    pageUrl: connection.pageUrl.value ?? null,
    session: live.state === "none" ? { serverTime: 0, found: false, reason: live.reason } : null,
    skewMs: clock.skewMs.value,
    closed: result !== null && result.case === "closed" && !result.undone,
    removed: cookieEditor.removed.value,
    now,
  };
}

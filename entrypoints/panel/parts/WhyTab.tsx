/** Why: what the rules say of the selected request, or of the cookie and the session now. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Why } from "../../../components/session/Why.tsx";
import { explain } from "../logic/explain/explain.ts";
import { gatherFacts } from "../logic/explain/gather.ts";
import { labelOf } from "../logic/pins.ts";
import type { Models } from "../models/index.ts";

export function WhyTab({ models }: { models: Models }) {
  const { view, cookies, connection, timeline, clock, session, rehearsal } = models;
  const selected = view.selected.value;
  const name =
    cookies.selected.value?.cookie.name ?? connection.current.value?.hello.value?.cookieNames[0] ?? null;
  if (name === null) {
    return (
      <Notice
        title="Nothing to explain yet"
        sentence="There is no session cookie in this tab. Sign in, or do what starts a session."
      />
    );
  }
  const live = session.live.value;
  const result = rehearsal.result.value;
  const facts = gatherFacts(name, selected, {
    entries: timeline.entries.value,
    cookies: cookies.list.value.cookies,
    pageUrl: connection.pageUrl.value ?? null,
    session: live.state === "none" ? { serverTime: 0, found: false, reason: live.reason } : null,
    skewMs: clock.skewMs.value,
    closed: result !== null && result.case === "closed" && !result.undone,
    now: clock.now.peek(),
  });
  const reasons = explain(facts);
  const about = selected === null ? "now" : labelOf(selected);
  if (reasons.length === 0) {
    const sentence =
      selected === null
        ? `${name} is there, as the server sent it.`
        : "This request did nothing to the session or its cookie.";
    return <Notice title="Nothing needs explaining" sentence={sentence} />;
  }
  return <Why about={about} reasons={reasons} />;
}

/** Why: what the rules say about the selected request, or of the cookie and the session now. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Reasons } from "../../../components/session/Reasons.tsx";
import { chunksOf } from "../../../extension/logic/chunked-cookies.ts";
import { explainRow, namesFor, surroundingsOfHistory } from "../../../extension/logic/explain/explain-row.ts";
import { gatherFacts, type Surroundings } from "../../../extension/logic/explain/gather.ts";
import { sayOfNow, sayOfRow, type Teller } from "../../../extension/logic/explain/no-reasons.ts";
import { type Entry, originOf, serverOf } from "../../../extension/logic/timeline/entry.ts";
import { nameRow } from "../../../extension/logic/timeline/row-name.ts";
import type { Models } from "../../../extension/models/index.ts";
import { NoticeLines } from "./NoticeLines.tsx";
import { pastOf } from "./tab-past.ts";

/** The tab. */
export function WhyTab({ models }: { models: Models }) {
  const { view, cookies, connection } = models;
  const selected = view.selected.value;
  const cookie = cookies.selected.value?.cookie;
  const named = connection.current.value?.hello.value?.cookieNames.slice(0, 1) ?? [];
  const names = namesFor(selected, cookie ? chunksOf(cookie).map(({ name }) => name) : named);
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
    return <Reasons about={selected === null ? "now" : nameRow(selected)} reasons={reasons} />;
  }
  const around = past ?? current;
  const nothing =
    selected === null
      ? sayOfNow(names[0] ?? "", cookies.list.value.cookies, around.entries)
      : sayOfRow(
          selected,
          names.map((each) => gatherFacts(each, selected, around)),
          tellerOf(models, selected),
        );
  const lines = "lines" in nothing ? nothing.lines : undefined;
  return (
    <Notice title={nothing.title} sentence={nothing.sentence}>
      {lines !== undefined && <NoticeLines models={models} lines={lines} />}
    </Notice>
  );
}

/** How much the row's server can report. */
function tellerOf({ connection, exchange }: Models, entry: Entry): Teller {
  if (exchange.opened.value !== null) return "file";
  const link = connection.links.value.get(serverOf(entry) ?? "");
  const state = link?.state.value;
  if (state === undefined || state.state === "absent") return "none";
  if (state.state !== "ready") return "unknown";
  return state.hello.capabilities.includes("traces") ? "traces" : "readings";
}

function surroundingsOfNow(models: Models, now: number): Surroundings {
  const { cookies, connection, clock } = models;
  const live = models.session.live.value;
  const result = models.rehearsal.result.value;
  return {
    ...pastOf(models),
    list: cookies.list.value,
    split: connection.split.value,
    pageUrl: connection.pageUrl.value ?? null,
    session: live.state === "none" ? { serverTime: 0, found: false, reason: live.reason } : null,
    skewMs: clock.skewOf(originOf(connection.pageUrl.value ?? "")),
    closed: result !== null && result.case === "closed" && !result.undone,
    now,
  };
}

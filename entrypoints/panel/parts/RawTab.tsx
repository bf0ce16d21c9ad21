/** Raw: the stored string of the session, as the server keeps it. Never a secret. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Facts } from "../../../components/session/Facts.tsx";
import { cutText } from "../../../extension/logic/json/tree-rows.ts";
import { NO_RAW_TEXT } from "../../../extension/logic/notices/pane-notices.ts";
import { formatPeriod } from "../../../extension/logic/time-text.ts";
import type { Models } from "../../../extension/models/index.ts";

const MAX_TEXT = 20_000;

/** The tab. */
export function RawTab({ models }: { models: Models }) {
  const live = models.session.live.value;
  const text = NO_RAW_TEXT.tell(live.state);
  if (live.state !== "present") return text && <Notice {...text} />;
  const { session } = live;
  return (
    <section class="facts-scroll" tabIndex={0} aria-label="Raw">
      <Facts
        facts={[
          { name: "Size", value: `${session.bytes} bytes` },
          { name: "Version", value: session.version, mono: true },
          { name: "Period", value: formatPeriod(session.ageSeconds) },
          { name: "Encoded", value: cutText(session.encoded, MAX_TEXT), mono: true },
          { name: "Data", value: cutText(session.dataJson, MAX_TEXT), mono: true },
        ]}
      />
    </section>
  );
}

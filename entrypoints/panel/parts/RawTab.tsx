/** Raw: the stored text of the session, as the server keeps it. Never a secret. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Facts } from "../../../components/session/Facts.tsx";
import { cutText } from "../../../extension/logic/json/tree-rows.ts";
import { formatPeriod } from "../../../extension/logic/time-text.ts";
import type { Models } from "../../../extension/models/index.ts";

const MAX_TEXT = 20_000;

/** The tab. */
export function RawTab({ models }: { models: Models }) {
  const live = models.session.live.value;
  if (live.state !== "present") {
    return <Notice title="Nothing is stored" sentence="The server's own text of a session shows here." />;
  }
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

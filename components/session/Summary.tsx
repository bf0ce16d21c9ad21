/** What the session is, in three lines: key, engine, expiry. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatMoment } from "../../extension/logic/time-text.ts";
import { Countdown } from "../cookies/Countdown.tsx";

interface SummaryProps {
  session: {
    key: string;
    expiresAt: number | null;
    atBrowserClose?: boolean;
  };
  engine: string;
  /** Present: the time left is shown and runs. Absent for the past. */
  now?: ReadonlySignal<number>;
  /** Buttons next to the key and the expiry. */
  keyTools?: ComponentChildren;
  expiryTools?: ComponentChildren;
}

/** The three lines. */
export function Summary({ session, engine, now, keyTools, expiryTools }: SummaryProps) {
  const { expiresAt } = session;
  return (
    <dl class="summary">
      <dt>Key</dt>
      <dd>
        <span class="mono">{session.key}</span>
        {keyTools}
      </dd>
      <dt>Engine</dt>
      <dd>{engine}</dd>
      <dt>Expires</dt>
      <dd>
        {expiresAt === null ? (
          <span class="dim">no end is stored</span>
        ) : (
          <span class="summary-moment">
            {formatMoment(expiresAt)}
            {now !== undefined && (
              <>
                {" (in "}
                <Countdown expiresAt={expiresAt} now={now} />
                {")"}
              </>
            )}
          </span>
        )}
        {session.atBrowserClose === true && <span class="dim">, cookie at browser close</span>}
        {expiryTools}
      </dd>
    </dl>
  );
}

/** What the session is, in three lines: key, engine, expiry. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatMoment } from "../../extension/logic/time-text.ts";
import { Countdown } from "../cookies/Countdown.tsx";

interface SummaryProps {
  sessionKey: string;
  engine: string;
  expiresAt: number | null;
  atBrowserClose: boolean;
  /** Present: the time left is shown and runs. Absent for the past. */
  now: ReadonlySignal<number> | null;
  tenths: boolean;
  /** Buttons beside the key and the expiry. */
  keyTools: ComponentChildren;
  expiryTools: ComponentChildren;
}

export function Summary(props: SummaryProps) {
  const { expiresAt, now } = props;
  return (
    <dl class="summary">
      <dt>Key</dt>
      <dd>
        <span class="mono">{props.sessionKey}</span>
        {props.keyTools}
      </dd>
      <dt>Engine</dt>
      <dd>{props.engine}</dd>
      <dt>Expires</dt>
      <dd>
        {expiresAt === null ? (
          <span class="dim">no end is stored</span>
        ) : (
          <span class="summary-moment">
            {formatMoment(expiresAt)}
            {now !== null && (
              <>
                {" (in "}
                <Countdown expiresAt={expiresAt} now={now} tenths={props.tenths} />
                {")"}
              </>
            )}
          </span>
        )}
        {props.atBrowserClose && <span class="dim">, cookie at browser close</span>}
        {props.expiryTools}
      </dd>
    </dl>
  );
}

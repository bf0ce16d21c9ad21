/** What the session is, in three facts: key, engine, expiry. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { toBrowserTime } from "../../extension/logic/server-clock.ts";
import { type Expiry, soonerExpiry } from "../../extension/logic/sooner-expiry.ts";
import { formatMoment } from "../../extension/logic/time-text.ts";
import { Countdown } from "../cookies/Countdown.tsx";

interface SummaryProps {
  session: {
    key: string;
    /** When the stored session expires, by the server's clock; null when its store keeps no expiry. */
    expiresAt: number | null;
    /** When its settings end it, by the same clock. */
    deadlines?: { absolute: number | null; idle: number | null };
  };
  /**
   * When the session's cookie expires, by the browser's clock, or by the server's if that one is not known; null: when the browser
   * closes. Undefined when that is not known.
   */
  cookieExpiresAt: number | null | undefined;
  engine: string;
  /** True if the cookie holds the session itself, so that no store can drop it. */
  isCarried: boolean;
  /** Server's clock minus the browser's, milliseconds; null if that is not known. */
  aheadMs: number | null;
  /** The browser's time. Present: the time left is shown and runs. Absent for the past. */
  now?: ReadonlySignal<number>;
  /** Buttons next to the key and the expiry. */
  keyTools?: ComponentChildren;
  expiryTools?: ComponentChildren;
}

/** The three facts, on as few lines as they need. */
export function Summary(props: SummaryProps) {
  const { session, cookieExpiresAt, engine, isCarried, aheadMs, now, keyTools, expiryTools } = props;
  const stored = toBrowserTime(session.expiresAt, aheadMs ?? 0);
  const deadlines = session.deadlines && {
    absolute: toBrowserTime(session.deadlines.absolute, aheadMs ?? 0),
    idle: toBrowserTime(session.deadlines.idle, aheadMs ?? 0),
  };
  const expiry = soonerExpiry({ session: stored, cookie: cookieExpiresAt, isCarried, deadlines });
  const moment = { isServers: aheadMs === null, now };
  return (
    <dl class="summary">
      <Fact name="Key">
        <span class="mono summary-value">{session.key}</span>
        {keyTools}
      </Fact>
      <Fact name="Engine">
        <span class="summary-value">{engine}</span>
      </Fact>
      <Fact name="Expires">
        <ShownExpiry expiry={expiry} {...moment} />
        {expiryTools}
      </Fact>
      {deadlines?.absolute != null && (
        <Fact name="absoluteAge">
          <span class="summary-value">
            <Moment at={deadlines.absolute} {...moment} />
            {", however it is used"}
          </span>
        </Fact>
      )}
      {deadlines?.idle != null && (
        <Fact name="idleAge">
          <span class="summary-value">
            <Moment at={deadlines.idle} {...moment} />
            {now === undefined ? ", if it was not used" : ", if it is not used"}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="summary-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface MomentProps {
  at: number;
  /** True if its date is by the server's clock, since the browser's is not known relative to it. */
  isServers: boolean;
  now: ReadonlySignal<number> | undefined;
}

/** A date, and how long that is from now, unless it is about the past. */
function Moment({ at, isServers, now }: MomentProps) {
  return (
    <>
      {formatMoment(at)}
      {isServers && " by the server's clock"}
      {now !== undefined && <Left at={at} now={now} />}
    </>
  );
}

/** `(in 00:14:59)`, which runs; `(expired)` after that. */
function Left({ at, now }: { at: number; now: ReadonlySignal<number> }) {
  const lead = useComputed(() => (at > now.value ? " (in " : " ("));
  return (
    <>
      {lead}
      <Countdown expiresAt={at} now={now} />
      {")"}
    </>
  );
}

function ShownExpiry({ expiry, ...moment }: Omit<MomentProps, "at"> & { expiry: Expiry | null }) {
  if (expiry === null) return <span class="dim">not known</span>;
  const { at, of } = expiry;
  const closes = expiry.orAtClose ? "when the browser closes" : null;
  const drops = expiry.orIfDropped ? "when its store drops it" : null;
  const others = [closes, drops].filter((each) => each !== null).join(", or ");
  if (at === null) return <span class="summary-value">{others}</span>;
  return (
    <span class="summary-value">
      {of === "cookie" && "with its cookie, "}
      <Moment at={at} {...moment} />
      {expiry.by !== null && ` by ${expiry.by}`}
      {others !== "" && `, or ${others}`}
    </span>
  );
}

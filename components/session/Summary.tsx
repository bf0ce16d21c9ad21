/** What the session is, in three facts: key, engine, expiry. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Expiry, soonerExpiry } from "../../extension/logic/sooner-expiry.ts";
import { formatMoment } from "../../extension/logic/time-text.ts";
import { Countdown } from "../cookies/Countdown.tsx";

/** The browser's time, and the server's relative to it. */
interface Clock {
  now: ReadonlySignal<number>;
  serverNow: ReadonlySignal<number>;
  /** Server's minus the browser's, milliseconds. */
  aheadMs: ReadonlySignal<number>;
}

interface SummaryProps {
  session: {
    key: string;
    /** When the stored session expires; null when its store keeps no expiry. */
    expiresAt: number | null;
  };
  /** When the session's cookie expires; null: when the browser closes. Undefined when that is not known. */
  cookieExpiresAt: number | null | undefined;
  engine: string;
  /** True if the cookie holds the session itself, so that no store can drop it. */
  isCarried: boolean;
  /** Present: the time left is shown and runs. Absent for the past. */
  clock?: Clock;
  /** Buttons next to the key and the expiry. */
  keyTools?: ComponentChildren;
  expiryTools?: ComponentChildren;
}

/** The three facts, on as few lines as they need. */
export function Summary(props: SummaryProps) {
  const { session, cookieExpiresAt, engine, isCarried, clock, keyTools, expiryTools } = props;
  const aheadMs = clock?.aheadMs.value ?? 0;
  const expiry = soonerExpiry({ session: session.expiresAt, cookie: cookieExpiresAt, isCarried, aheadMs });
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
        <ShownExpiry expiry={expiry} clock={clock} />
        {expiryTools}
      </Fact>
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

function ShownExpiry({ expiry, clock }: { expiry: Expiry | null; clock: Clock | undefined }) {
  if (expiry === null) return <span class="dim">not known</span>;
  const { at, of } = expiry;
  const closes = expiry.orAtClose ? "when the browser closes" : null;
  const drops = expiry.orIfDropped ? "when its store drops it" : null;
  const others = [closes, drops].filter((each) => each !== null).join(", or ");
  if (at === null) return <span class="summary-value">{others}</span>;
  return (
    <span class="summary-value">
      {of === "cookie" && "with its cookie, "}
      {formatMoment(at)}
      {clock !== undefined && (
        <>
          {" (in "}
          <Countdown expiresAt={at} now={of === "cookie" ? clock.now : clock.serverNow} />
          {")"}
        </>
      )}
      {others !== "" && `, or ${others}`}
    </span>
  );
}

/** Fast-forward: the stored expiry of cookie and session moves earlier, as if time had passed. */
import "./rehearsal.css";
import type { ReadonlySignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { hasTimeBeforeEnd } from "../../extension/logic/fast-forward.ts";
import { toBrowserTime } from "../../extension/logic/server-clock.ts";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { Countdown } from "../cookies/Countdown.tsx";

interface FastForwardProps {
  /** From the model: both expiries, and moving them. */
  fastForward: {
    cookie: ReadonlySignal<{ name: string; expiresAt: number | null } | null>;
    /** Null if the session on the server cannot be moved. */
    server: ReadonlySignal<{
      session: {
        /** By the server's clock. */
        expiresAt: number | null;
      };
    } | null>;
    /** The earlier of the two. */
    end: ReadonlySignal<number | null>;
    forward(seconds: number): Promise<void>;
    toEnd(): Promise<void>;
  };
  clock: {
    now: ReadonlySignal<number>;
    /** Server's clock minus the browser's, milliseconds. */
    aheadMs: ReadonlySignal<number>;
  };
}

const STEPS: readonly [number, string][] = [
  [60, "+1 min"],
  [600, "+10 min"],
  [3600, "+1 h"],
];

/** The contents of its popover. */
export function FastForward({ fastForward, clock }: FastForwardProps) {
  const cookie = fastForward.cookie.value;
  const server = fastForward.server.value;
  const off = cookie === null || (server === null && cookie.expiresAt === null);
  const canEnd = !off && hasTimeBeforeEnd(fastForward.end.value, clock.now.value);
  return (
    <div class="rehearsal">
      <h2>Fast-forward</h2>
      <p>
        Moves the stored expiry closer, as if time had passed. No clock changes, and only this session ages.
      </p>
      <Ends fastForward={fastForward} clock={clock} />
      <div class="popover-buttons">
        {STEPS.map(([seconds, text]) => (
          <button
            key={text}
            type="button"
            class="button"
            disabled={off}
            onClick={() => fastForward.forward(seconds)}
          >
            {text}
          </button>
        ))}
        {/* Never disabled: it would lose the focus when it has done its work. */}
        <button
          type="button"
          class="button"
          aria-disabled={!canEnd}
          onClick={() => canEnd && fastForward.toEnd()}
        >
          To 5 s before expiry
        </button>
      </div>
      <Minutes off={off} onForward={(seconds) => fastForward.forward(seconds)} />
    </div>
  );
}

function Ends({ fastForward, clock }: FastForwardProps) {
  const cookie = fastForward.cookie.value;
  const server = fastForward.server.value;
  return (
    <dl class="rehearsal-ends">
      <dt>Cookie {cookie === null ? "" : showUnseen(cookie.name)}</dt>
      <dd>{cookie === null ? "none" : <Countdown expiresAt={cookie.expiresAt} now={clock.now} />}</dd>
      <dt>Server's session</dt>
      <dd>
        {server === null ? (
          "cannot be moved"
        ) : (
          <Countdown
            expiresAt={toBrowserTime(server.session.expiresAt, clock.aheadMs.value)}
            now={clock.now}
          />
        )}
      </dd>
    </dl>
  );
}

/** Any number of minutes. */
function Minutes({ off, onForward }: { off: boolean; onForward: (seconds: number) => void }) {
  const [minutes, setMinutes] = useState("30");
  const amount = Number(minutes) * 60;
  return (
    <div class="form-line">
      <label>
        Minutes
        <input
          class="field"
          type="number"
          min={0}
          step="any"
          value={minutes}
          onInput={(event) => setMinutes(event.currentTarget.value)}
        />
      </label>
      <button
        type="button"
        class="button button-primary"
        disabled={off || !(amount > 0)}
        onClick={() => onForward(Math.round(amount))}
      >
        Go forward
      </button>
    </div>
  );
}

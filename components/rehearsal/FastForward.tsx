/** Fast-forward: the stored ends of cookie and session move earlier, as if time had passed. */
import "./rehearsal.css";
import type { ReadonlySignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Countdown } from "../cookies/Countdown.tsx";

interface FastForwardProps {
  cookie: { name: string; expiresAt: number | null } | null;
  server: { expiresAt: number | null } | null;
  now: ReadonlySignal<number>;
  /** The moment by the server's clock. */
  serverNow: ReadonlySignal<number>;
  tenths: boolean;
  /** True when something has an end that is more than five seconds away. */
  canEnd: boolean;
  onForward: (seconds: number) => void;
  onToEnd: () => void;
}

const STEPS: readonly [number, string][] = [
  [60, "+1 min"],
  [600, "+10 min"],
  [3600, "+1 h"],
];

export function FastForward(props: FastForwardProps) {
  const { cookie, server, now, serverNow, tenths } = props;
  const [minutes, setMinutes] = useState("30");
  const amount = Number(minutes) * 60;
  const off = cookie === null || (server === null && cookie.expiresAt === null);
  return (
    <div class="rehearsal">
      <h2>Fast-forward</h2>
      <p>As if time had passed: what is stored is moved. No clock is touched, and only this session ages.</p>
      <dl class="rehearsal-ends">
        <dt>Cookie {cookie === null ? "" : cookie.name}</dt>
        <dd>
          {cookie === null ? "none" : <Countdown expiresAt={cookie.expiresAt} now={now} tenths={tenths} />}
        </dd>
        <dt>Server's session</dt>
        <dd>
          {server === null ? (
            "cannot be moved"
          ) : (
            <Countdown expiresAt={server.expiresAt} now={serverNow} tenths={tenths} />
          )}
        </dd>
      </dl>
      <div class="popover-buttons">
        {STEPS.map(([seconds, text]) => (
          <button
            key={text}
            type="button"
            class="button"
            disabled={off}
            onClick={() => props.onForward(seconds)}
          >
            {text}
          </button>
        ))}
        {/* Never disabled: it would lose the focus when it has done its work. */}
        <button
          type="button"
          class="button"
          aria-disabled={off || !props.canEnd}
          onClick={() => !off && props.canEnd && props.onToEnd()}
        >
          To 5 s before the end
        </button>
      </div>
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
          onClick={() => props.onForward(Math.round(amount))}
        >
          Go forward
        </button>
      </div>
    </div>
  );
}

/** The sessions of one user as a table: which one is shown, when each began, was last saved and expires. */
import "./devices.css";
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatAgo, formatMoment } from "../../extension/logic/time-text.ts";
import { Countdown } from "../cookies/Countdown.tsx";

/** One session; times by the browser's clock, null if they are not known. */
interface Device {
  id: string;
  createdAt: number | null;
  lastSeenAt: number | null;
  expiresAt: number | null;
  current: boolean;
}

interface DevicesProps {
  devices: readonly Device[];
  /** How many there are; more than `devices` if not all are listed. */
  total: number;
  now: ReadonlySignal<number>;
  /** Buttons next to the heading. */
  tools: ComponentChildren;
  /** What is to be known about the list before it is read. */
  notes: readonly string[];
  /** What can be done if there is so little in it; null: enough. */
  hint: string | null;
}

/** The heading with its buttons, and the table. */
export function Devices({ devices, total, now, tools, notes, hint }: DevicesProps) {
  return (
    <>
      <div class="devices-head">
        <h2>
          Sessions of this user <span class="dim">{total}</span>
        </h2>
        {tools}
      </div>
      <section class="devices-scroll" tabIndex={0} aria-label="Sessions of this user">
        {notes.map((note) => (
          <p key={note} class="devices-note">
            {note}
          </p>
        ))}
        <table class="devices">
          <thead>
            <tr>
              <th scope="col">Session</th>
              <th scope="col">Logged in</th>
              <th scope="col">Last saved</th>
              <th scope="col">Expires in</th>
            </tr>
          </thead>
          <tbody>
            {devices.map((device, at) => (
              <tr key={device.id} class={device.current ? "is-current" : ""}>
                <th scope="row">{device.current ? "This one" : `Other ${at}`}</th>
                <td>
                  <Ago at={device.createdAt} now={now} />
                </td>
                <td>
                  <Ago at={device.lastSeenAt} now={now} />
                </td>
                <td>
                  {device.expiresAt === null ? (
                    <span class="dim">not known</span>
                  ) : (
                    <Countdown expiresAt={device.expiresAt} now={now} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {hint !== null && <p class="devices-note">{hint}</p>}
      </section>
    </>
  );
}

/** How long ago; the title gives the exact time. */
function Ago({ at, now }: { at: number | null; now: ReadonlySignal<number> }) {
  const text = useComputed(() => (at === null ? "" : formatAgo(now.value - at)));
  if (at === null) return <span class="dim">not known</span>;
  return (
    <time title={formatMoment(at)} aria-live="off">
      {text}
    </time>
  );
}

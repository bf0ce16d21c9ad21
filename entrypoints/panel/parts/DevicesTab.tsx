/** Devices: the sessions of the user whose session is shown, and the button that ends the others. */
import { IconButton } from "../../../components/common/IconButton.tsx";
import { Popover } from "../../../components/common/Popover.tsx";
import { Devices } from "../../../components/devices/Devices.tsx";
import { EndOthers } from "../../../components/devices/EndOthers.tsx";
import { Notice } from "../../../components/notice/Notice.tsx";
import { serverWords } from "../../../extension/logic/bridge-problem.ts";
import { DEVICES_NOTICES } from "../../../extension/logic/notices/devices-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { toBrowserTime } from "../../../extension/logic/server-clock.ts";
import type { Models } from "../../../extension/models/index.ts";
import type { DevicesList } from "../../../extension/models/showing/devices.ts";
import type { Subject } from "../../../extension/models/showing/session.ts";
import { runAction } from "./run-action.ts";

/** The tab. */
export function DevicesTab({ models }: { models: Models }) {
  const devices = models.devices.devices.value;
  if (devices.state === "unknown") return <div class="tab-wait" />;
  if (devices.state === "listed")
    return <Listed models={models} list={devices.list} subject={devices.subject} />;
  const facts =
    devices.state === "failed"
      ? { reason: null, problem: devices.problem }
      : { reason: devices.reason, problem: null };
  const text = firstNotice(DEVICES_NOTICES, facts);
  return text && <Notice {...text} onButton={() => runAction(models, text)} />;
}

interface ListedProps {
  models: Models;
  list: DevicesList;
  subject: Subject;
}

function Listed({ models, list, subject }: ListedProps) {
  const aheadMs = models.clock.aheadMs.value;
  const sessions = list.sessions.map((one) => ({
    ...one,
    createdAt: toBrowserTime(one.createdAt, aheadMs),
    lastSeenAt: toBrowserTime(one.lastSeenAt, aheadMs),
    expiresAt: toBrowserTime(one.expiresAt, aheadMs),
  }));
  return (
    <Devices
      devices={sessions}
      total={list.total}
      now={models.clock.now}
      tools={<Tools models={models} list={list} subject={subject} />}
      notes={notesOf(list)}
      hint={list.complete && list.total === 1 ? ONLY_ONE : null}
    />
  );
}

function Tools({ models, list, subject }: ListedProps) {
  const { others, able } = models;
  const count = list.total - 1;
  const off = count === 0 ? "there is no other session" : able.endOthers.value;
  return (
    <>
      <Popover
        text={others.pending.value ? "Ending…" : "End the others"}
        label={`End the others${models.connection.whereText(subject.origin)}`}
        disabled={off}
        opens
      >
        {(close) => (
          <EndOthers
            count={count}
            canUndo={list.canUndo}
            onEnd={() => {
              close();
              void others.end(subject, list);
            }}
          />
        )}
      </Popover>
      <IconButton icon="reload" label="List again" onClick={() => void models.devices.read()} />
    </>
  );
}

const ONLY_ONE =
  "This is the user's only session. Log in with another browser or a private window to see a second one.";

/** One sentence each, with one next step. */
function notesOf({ sessions, total, complete, why }: DevicesList): string[] {
  const notes: string[] = [];
  if (total > sessions.length)
    notes.push(
      `The ${sessions.length} that were saved last are listed. “End the others” also ends those that are not.`,
    );
  if (!complete) notes.push(`There may be more. ${why === undefined ? "" : serverWords(why)}`.trim());
  return notes;
}

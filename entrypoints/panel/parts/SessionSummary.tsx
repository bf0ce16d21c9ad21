/** The summary above the tree, with what can be done to the session as a whole. */
import { IconButton } from "../../../components/common/IconButton.tsx";
import { Popover } from "../../../components/common/Popover.tsx";
import { ExpiryForm } from "../../../components/session/ExpiryForm.tsx";
import { Summary } from "../../../components/session/Summary.tsx";
import { traceOf } from "../../../extension/logic/timeline/entry.ts";
import type { Outcome } from "../../../extension/models/editing/write.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./run-action.ts";

/** The summary of the session of now, or of the one after the selected request. */
export function SessionSummary({ models }: { models: Models }) {
  const engine = models.connection.current.value?.hello.value?.engine ?? "unknown";
  const entry = models.view.selected.value;
  if (entry !== null) {
    const side = traceOf(entry)?.after ?? null;
    return side === null ? null : <Summary session={side} engine={engine} />;
  }
  const live = models.session.live.value;
  if (live.state !== "present") return null;
  return (
    <Summary
      session={live.session}
      engine={engine}
      now={models.clock.serverNow}
      keyTools={<KeyTools models={models} />}
      expiryTools={<ExpiryTools models={models} />}
    />
  );
}

function KeyTools({ models }: { models: Models }) {
  const { able, writes, undo } = models;
  const live = models.session.live.value;
  if (live.state !== "present") return null;
  const { subject, session } = live;
  const where = models.connection.whereText(subject.origin);
  return (
    <>
      <IconButton
        icon="copy"
        label="Copy key"
        onClick={() => copyText(models, subject.cookie.value, "the key")}
      />
      <IconButton
        icon="key"
        label={`New key${where}`}
        disabled={able.cycle.value}
        onClick={async () => tellOutcome(undo.tell, await writes.cycle(subject, session))}
      />
      <IconButton
        icon="trash"
        label={`Flush session${where}`}
        disabled={able.flush.value}
        onClick={async () => tellOutcome(undo.tell, await writes.flush(subject, session))}
      />
      <IconButton
        icon="braces"
        label={`Edit session as JSON text${where}`}
        disabled={able.edit.value}
        onClick={() => models.editor.editText([])}
      />
    </>
  );
}

function ExpiryTools({ models }: { models: Models }) {
  const { able, writes, undo } = models;
  const live = models.session.live.value;
  if (live.state !== "present") return null;
  const { subject, session } = live;
  return (
    <Popover
      icon="clock"
      label={`Set expiry${models.connection.whereText(subject.origin)}`}
      disabled={able.expiry.value}
    >
      {(close) => (
        <ExpiryForm
          onSet={async (choice) => {
            close();
            tellOutcome(undo.tell, await writes.setExpiry(subject, session, choice, "Set the expiry"));
          }}
        />
      )}
    </Popover>
  );
}

/** Says what went wrong; success has said so itself. */
function tellOutcome(tell: (text: string) => void, outcome: Outcome): void {
  if (outcome.kind === "failed") tell(`Not done: ${outcome.reason}`);
  if (outcome.kind === "conflict") tell("Not done: the session was changed meanwhile. Look, and try again.");
}

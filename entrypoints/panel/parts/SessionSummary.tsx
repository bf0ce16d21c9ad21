/** The summary above the tree, with the actions on the whole session. */
import type { Trace } from "session-bridge/protocol";
import { IconButton } from "../../../components/common/IconButton.tsx";
import { Popover } from "../../../components/common/Popover.tsx";
import { ExpiryForm } from "../../../components/session/ExpiryForm.tsx";
import { Summary } from "../../../components/session/Summary.tsx";
import { toBrowserTime } from "../../../extension/logic/server-clock.ts";
import { CARRIED_ENGINES } from "../../../extension/logic/sooner-expiry.ts";
import { serverOf, traceOf } from "../../../extension/logic/timeline/entry.ts";
import type { Outcome } from "../../../extension/models/editing/write.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./run-action.ts";

/** The summary of the current session, or of the one after the selected request. */
export function SessionSummary({ models }: { models: Models }) {
  const engine = models.connection.current.value?.hello.value?.engine ?? "unknown";
  const entry = models.view.selected.value;
  if (entry !== null) {
    const trace = traceOf(entry);
    const side = trace?.after ?? null;
    // A file's servers may be others, or have had other clocks.
    const isOpened = models.exchange.opened.value !== null;
    const aheadMs = isOpened ? null : models.clock.aheadOf(serverOf(entry));
    return side === null ? null : (
      <Summary
        session={side}
        cookieExpiresAt={toBrowserTime(cookieExpiryOf(trace), aheadMs ?? 0)}
        engine={engine}
        isCarried={trace?.seen === "cookie" || CARRIED_ENGINES.includes(engine)}
        aheadMs={aheadMs}
      />
    );
  }
  const live = models.session.live.value;
  if (live.state !== "present") return null;
  return (
    <Summary
      session={live.session}
      cookieExpiresAt={live.subject.cookie.expiresAt}
      engine={engine}
      isCarried={CARRIED_ENGINES.includes(engine)}
      aheadMs={models.clock.aheadMs.value}
      now={models.clock.now}
      keyTools={<KeyTools models={models} />}
      expiryTools={<ExpiryTools models={models} />}
    />
  );
}

/**
 * The cookie's expiry according to a request's Set-Cookie, by the server's clock; undefined if it set none. Max-Age wins over Expires,
 * and counts from the response (RFC 6265 §5.3).
 */
function cookieExpiryOf(trace: Trace | null): number | null | undefined {
  if (trace?.cookie?.action !== "set") return undefined;
  const { maxAge, expiresAt } = trace.cookie;
  return maxAge === null ? expiresAt : trace.at + trace.request.durationMs + maxAge * 1000;
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

/** Reports what went wrong; success has already been reported. */
function tellOutcome(tell: (text: string) => void, outcome: Outcome): void {
  if (outcome.kind === "failed") tell(`Not done: ${outcome.reason}`);
  if (outcome.kind === "conflict")
    tell("Not done: the session has changed in the meantime. Check it, and try again.");
}

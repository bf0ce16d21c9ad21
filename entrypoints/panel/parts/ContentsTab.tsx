/** Contents: the session's key, engine and expiry, and its data as a tree. */
import { Notice } from "../../../components/notice/Notice.tsx";
import { Summary } from "../../../components/session/Summary.tsx";
import { Tree } from "../../../components/session/Tree.tsx";
import { traceOf } from "../logic/entries.ts";
import type { Models } from "../models/index.ts";
import { wantsTenths } from "./motion.ts";
import { SessionNotice } from "./SessionNotice.tsx";

export function ContentsTab({ models }: { models: Models }) {
  const { tree, view } = models;
  if (typeof tree.text.value !== "string") return <SessionNotice models={models} />;
  return (
    <>
      {view.selected.value === null ? <NowSummary models={models} /> : <PastSummary models={models} />}
      {tree.unreadable.value ? (
        <Notice title="This is no JSON object" sentence="Its text is shown in the Raw tab." />
      ) : (
        <Tree
          rows={tree.rows.value}
          activeId={tree.activeId.value}
          pins={view.pins.value}
          writers={new Map()}
          editing={null}
          readOnly={null}
          footer={null}
          onActivate={tree.activate}
          onToggle={tree.toggle}
          onEdit={(row) => row.expanded !== null && tree.toggle(row.id)}
          onDelete={() => {}}
          onCopy={() => {}}
          onMenu={() => {}}
        />
      )}
    </>
  );
}

function NowSummary({ models }: { models: Models }) {
  const live = models.session.live.value;
  if (live.state !== "present") return null;
  const { session } = live;
  return (
    <Summary
      sessionKey={session.key}
      engine={models.connection.current.value?.hello.value?.engine ?? "unknown"}
      expiresAt={session.expiresAt}
      atBrowserClose={session.atBrowserClose}
      now={models.clock.now}
      tenths={wantsTenths()}
      keyTools={null}
      expiryTools={null}
    />
  );
}

function PastSummary({ models }: { models: Models }) {
  const entry = models.view.selected.value;
  const side = entry === null ? null : (traceOf(entry)?.after ?? null);
  if (side === null) return null;
  return (
    <Summary
      sessionKey={side.key}
      engine={models.connection.current.value?.hello.value?.engine ?? "unknown"}
      expiresAt={side.expiresAt}
      atBrowserClose={false}
      now={null}
      tenths={false}
      keyTools={null}
      expiryTools={null}
    />
  );
}

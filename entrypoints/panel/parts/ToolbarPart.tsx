/** The toolbar, with the tools that open popovers. */
import type { RefObject } from "preact";
import { Popover } from "../../../components/common/Popover.tsx";
import { CloseRehearsal } from "../../../components/rehearsal/CloseRehearsal.tsx";
import { FastForward } from "../../../components/rehearsal/FastForward.tsx";
import { Settings } from "../../../components/settings/Settings.tsx";
import { Toolbar } from "../../../components/toolbar/Toolbar.tsx";
import { BEFORE_END_MS } from "../../../extension/models/editing/fast-forward.ts";
import type { Models } from "../../../extension/models/index.ts";
import { ExchangePart, SnapshotsPart } from "./KeepPart.tsx";
import { wantsTenths } from "./may-move.ts";
import { linkWords } from "./status.ts";

interface ToolbarPartProps {
  models: Models;
  filter: RefObject<HTMLInputElement | null>;
}

export function ToolbarPart({ models, filter }: ToolbarPartProps) {
  const { view, preferences, timeline, session } = models;
  const chosen = preferences.value.value;
  const words = linkWords(models);
  return (
    <Toolbar
      recording={timeline.recording.value}
      filter={view.filterText.value}
      filtered={view.filtered.value}
      changesOnly={chosen.changesOnly}
      preserveLog={chosen.preserveLog}
      reloadOff={session.subject.value === null ? "no session is known" : null}
      filterRef={filter}
      tools={
        <>
          <ClosePart models={models} />
          <ForwardPart models={models} />
          <SnapshotsPart models={models} />
          <ExchangePart models={models} />
        </>
      }
      right={
        <>
          <span class="link-state" data-state={words.state} title={words.text}>
            {words.text}
          </span>
          <SettingsPart models={models} />
        </>
      }
      onRecord={models.record}
      onClear={models.clear}
      onFilter={view.search}
      onChangesOnly={(on) => preferences.set({ changesOnly: on })}
      onPreserveLog={(on) => preferences.set({ preserveLog: on })}
      onReload={() => session.read()}
    />
  );
}

function ClosePart({ models }: { models: Models }) {
  const { rehearsal } = models;
  const result = rehearsal.result.value;
  return (
    <Popover icon="power" label="Simulate browser close" onOpen={() => rehearsal.look()}>
      {() => (
        <CloseRehearsal
          preview={rehearsal.preview.value}
          result={result && { ...result, gone: result.preview.cookies.length }}
          busy={rehearsal.busy.value}
          onClose={() => rehearsal.close()}
          onKeep={() => rehearsal.keep()}
          onRestore={() => rehearsal.restore()}
        />
      )}
    </Popover>
  );
}

function ForwardPart({ models }: { models: Models }) {
  const { fastForward, clock } = models;
  const held = fastForward.server.value;
  return (
    <Popover icon="forward" label="Fast-forward">
      {() => (
        <FastForward
          cookie={fastForward.cookie.value}
          server={held === null ? null : held.session}
          now={clock.now}
          serverNow={clock.serverNow}
          tenths={wantsTenths()}
          canEnd={(fastForward.end.value ?? 0) - clock.now.value > BEFORE_END_MS + 1000}
          onForward={(seconds) => fastForward.forward(seconds)}
          onToEnd={() => fastForward.toEnd()}
        />
      )}
    </Popover>
  );
}

function SettingsPart({ models }: { models: Models }) {
  const { preferences } = models;
  const { theme, watch, pins } = preferences.value.value;
  return (
    <Popover icon="settings" label="Settings">
      {() => (
        <Settings
          theme={theme}
          watchAll={watch === "all"}
          pins={pins}
          onTheme={(choice) => preferences.set({ theme: choice })}
          onWatchAll={(on) => preferences.set({ watch: on ? "all" : "session" })}
          onPin={preferences.pin}
        />
      )}
    </Popover>
  );
}

/** The tools of the toolbar: buttons, most of which open a popover. */
import { FoldedGroup } from "../../../components/common/FoldedGroup.tsx";
import { IconButton } from "../../../components/common/IconButton.tsx";
import { Popover } from "../../../components/common/Popover.tsx";
import { ExportImport } from "../../../components/exchange/ExportImport.tsx";
import { CloseRehearsal } from "../../../components/rehearsal/CloseRehearsal.tsx";
import { FastForward } from "../../../components/rehearsal/FastForward.tsx";
import { Settings } from "../../../components/settings/Settings.tsx";
import { Snapshots } from "../../../components/snapshots/Snapshots.tsx";
import { Kinds } from "../../../components/timeline/Kinds.tsx";
import { kindsText } from "../../../extension/logic/timeline/kinds.ts";
import type { Models } from "../../../extension/models/index.ts";
import { saveFile } from "../../../extension/ports/save-file.ts";
import { copyText } from "./run-action.ts";

/** The tools in the middle, by their names; in a narrow panel behind one button. */
export function Tools({ models }: { models: Models }) {
  const { rehearsal, fastForward, clock, snapshots, exchange, undo, session } = models;
  return (
    <FoldedGroup label="Tools">
      {(fold) => (
        <>
          <Popover
            icon="window"
            label="Simulate browser close"
            text="Browser close"
            onOpen={() => rehearsal.look()}
          >
            {() => <CloseRehearsal rehearsal={rehearsal} />}
          </Popover>
          <Popover icon="forward" label="Fast-forward" text="Fast-forward">
            {() => <FastForward fastForward={fastForward} clock={clock} />}
          </Popover>
          <Popover icon="camera" label="Snapshots" text="Snapshots">
            {(close) => <Snapshots model={snapshots} onClose={both(close, fold)} />}
          </Popover>
          <Popover icon="save" label="Export and import" text="Export and import">
            {(close) => (
              <ExportImport
                exchange={exchange}
                onCopy={(text) => copyText(models, text, "the export")}
                onSave={saveFile}
                onProblem={undo.tell}
                onClose={both(close, fold)}
              />
            )}
          </Popover>
          <IconButton
            icon="reload"
            label="Read again"
            text="Read again"
            title="Read the session again"
            disabled={session.subject.value === null ? "no session is known" : null}
            onClick={() => {
              fold();
              session.read();
            }}
          />
        </>
      )}
    </FoldedGroup>
  );
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}

/** Which kinds of requests are shown. */
export function KindsTool({ models }: { models: Models }) {
  const { value, set } = models.preferences;
  const { kinds } = value.value;
  return (
    <Popover label="Kinds" text="Kinds" opens title={`Kinds of requests shown: ${kindsText(kinds)}`}>
      {() => <Kinds shown={kinds} onChange={(shown) => set({ kinds: shown })} />}
    </Popover>
  );
}

/** Settings that are kept. */
export function SettingsTool({ models }: { models: Models }) {
  return (
    <Popover icon="settings" label="Settings">
      {() => (
        <Settings
          preferences={models.preferences}
          pins={models.view.pins.value}
          onPin={models.view.pin}
          onLetPanelChoose={models.view.letPanelChoose}
        />
      )}
    </Popover>
  );
}

/** The tools of the toolbar: each a button that opens a popover. */
import { Popover } from "../../../components/common/Popover.tsx";
import { ExportImport } from "../../../components/exchange/ExportImport.tsx";
import { CloseRehearsal } from "../../../components/rehearsal/CloseRehearsal.tsx";
import { FastForward } from "../../../components/rehearsal/FastForward.tsx";
import { Settings } from "../../../components/settings/Settings.tsx";
import { Snapshots } from "../../../components/snapshots/Snapshots.tsx";
import type { Models } from "../../../extension/models/index.ts";
import { saveFile } from "../../../extension/ports/save-file.ts";
import { copyText } from "./run-action.ts";

/** The tools in the middle. */
export function Tools({ models }: { models: Models }) {
  const { rehearsal, fastForward, clock, snapshots, exchange, undo } = models;
  return (
    <>
      <Popover icon="power" label="Simulate browser close" onOpen={() => rehearsal.look()}>
        {() => <CloseRehearsal rehearsal={rehearsal} />}
      </Popover>
      <Popover icon="forward" label="Fast-forward">
        {() => <FastForward fastForward={fastForward} clock={clock} />}
      </Popover>
      <Popover icon="camera" label="Snapshots">
        {(close) => <Snapshots model={snapshots} onClose={close} />}
      </Popover>
      <Popover icon="save" label="Export and import">
        {(close) => (
          <ExportImport
            exchange={exchange}
            onCopy={(text) => copyText(models, text, "the export")}
            onSave={saveFile}
            onProblem={undo.tell}
            onClose={close}
          />
        )}
      </Popover>
    </>
  );
}

/** What the user chooses for good. */
export function SettingsTool({ models }: { models: Models }) {
  return (
    <Popover icon="settings" label="Settings">
      {() => <Settings preferences={models.preferences} />}
    </Popover>
  );
}

/** The bar at the top, in the order that DevTools users know: record, clear, filter, options, tools; settings last. */
import "./toolbar.css";
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { IconButton } from "../../../components/common/IconButton.tsx";
import { useRovingFocus } from "../../../components/common/use-roving-focus.ts";
import { linkText } from "../../../extension/logic/status-facts.ts";
import type { Models } from "../../../extension/models/index.ts";
import { KindsTool, SettingsTool, Tools } from "./ToolbarTools.tsx";

interface ToolbarProps {
  models: Models;
  filter: RefObject<HTMLInputElement | null>;
}

/** The toolbar: one tab stop, and arrow keys between its controls. */
export function Toolbar({ models, filter }: ToolbarProps) {
  const bar = useRef<HTMLDivElement>(null);
  useRovingFocus(bar);
  const { view, preferences } = models;
  const { changesOnly, preserveLog } = preferences.value.value;
  const recording = models.timeline.recording.value;
  return (
    <div class="toolbar" role="toolbar" aria-label="Sessions" ref={bar}>
      <IconButton
        icon="record"
        class={recording ? "recording" : ""}
        label={recording ? "Stop recording" : "Record"}
        onClick={() => models.record(!recording)}
      />
      <IconButton
        icon="clear"
        label={view.filtered.value ? "Clear shown" : "Clear"}
        onClick={() => models.clear()}
      />
      <span class="toolbar-line" />
      <FilterField models={models} filter={filter} />
      <KindsTool models={models} />
      <Check
        label="Changes only"
        checked={changesOnly}
        onChange={(on) => preferences.set({ changesOnly: on })}
      />
      <Check
        label="Preserve log"
        checked={preserveLog}
        onChange={(on) => preferences.set({ preserveLog: on })}
      />
      <span class="toolbar-line" />
      <Tools models={models} />
      <span class="toolbar-right">
        <LinkState models={models} />
        <SettingsTool models={models} />
      </span>
    </div>
  );
}

function FilterField({ models, filter }: ToolbarProps) {
  const { view } = models;
  return (
    <input
      class="toolbar-filter"
      type="search"
      placeholder="Filter"
      aria-label="Filter requests"
      title="Words, or key:cart  status:5xx  method:POST  cookie:sessionid  kind:image; a minus in front leaves out"
      spellcheck={false}
      autocomplete="off"
      ref={filter}
      value={view.filterText.value}
      onInput={(event) => view.search(event.currentTarget.value)}
    />
  );
}

/** The state of the connection, in words. */
function LinkState({ models }: { models: Models }) {
  const state = models.connection.current.value?.state.value.state ?? "none";
  const text = linkText(state);
  return (
    <span class="link-state" data-state={state} title={text}>
      {text}
    </span>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="toolbar-check" title={label}>
      <input
        type="checkbox"
        checked={checked}
        aria-label={label}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="toolbar-label" aria-hidden="true">
        {label}
      </span>
    </label>
  );
}

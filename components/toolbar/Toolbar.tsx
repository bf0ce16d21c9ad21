/** The bar at the top, in the order that DevTools users know: record, clear, filter, options; settings last. */
import "./toolbar.css";
import type { ComponentChildren, RefObject } from "preact";
import { useRef } from "preact/hooks";
import { IconButton } from "../common/IconButton.tsx";
import { useRoving } from "../common/use-roving.ts";

interface ToolbarProps {
  recording: boolean;
  filter: string;
  /** True when the filter hides rows: clearing then clears only what is shown. */
  filtered: boolean;
  changesOnly: boolean;
  preserveLog: boolean;
  /** Why the session cannot be read again, or null. */
  reloadOff: string | null;
  filterRef: RefObject<HTMLInputElement | null>;
  /** Popover buttons of the middle, and the state at the right. */
  tools: ComponentChildren;
  right: ComponentChildren;
  onRecord: (on: boolean) => void;
  onClear: () => void;
  onFilter: (text: string) => void;
  onChangesOnly: (on: boolean) => void;
  onPreserveLog: (on: boolean) => void;
  onReload: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const bar = useRef<HTMLDivElement>(null);
  useRoving(bar);
  const { recording, filtered } = props;
  return (
    <div class="toolbar" role="toolbar" aria-label="Sessions" ref={bar}>
      <IconButton
        icon="record"
        class={recording ? "recording" : ""}
        label={recording ? "Stop recording" : "Record"}
        onClick={() => props.onRecord(!recording)}
      />
      <IconButton icon="clear" label={filtered ? "Clear shown" : "Clear"} onClick={props.onClear} />
      <span class="toolbar-line" />
      <FilterField {...props} />
      <Check label="Changes only" checked={props.changesOnly} onChange={props.onChangesOnly} />
      <Check label="Preserve log" checked={props.preserveLog} onChange={props.onPreserveLog} />
      <span class="toolbar-line" />
      {props.tools}
      <IconButton
        icon="reload"
        label="Read session again"
        disabled={props.reloadOff}
        onClick={props.onReload}
      />
      <span class="toolbar-right">{props.right}</span>
    </div>
  );
}

function FilterField({ filter, filterRef, onFilter }: ToolbarProps) {
  return (
    <input
      class="toolbar-filter"
      type="search"
      placeholder="Filter"
      aria-label="Filter requests"
      title="Words, or key:cart  status:5xx  method:POST  cookie:sessionid; a minus in front leaves out"
      spellcheck={false}
      autocomplete="off"
      ref={filterRef}
      value={filter}
      onInput={(event) => onFilter(event.currentTarget.value)}
    />
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

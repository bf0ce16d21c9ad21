/** The toolbar, with the tools that open popovers. */
import type { RefObject } from "preact";
import { Toolbar } from "../../../components/toolbar/Toolbar.tsx";
import type { Models } from "../models/index.ts";
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
      tools={null}
      right={
        <span class="wide link-state" data-state={words.state}>
          {words.text}
        </span>
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

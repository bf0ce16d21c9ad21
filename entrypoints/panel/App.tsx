/** The panel: the only place that sees both models and views. Its parts join one view each to the models it needs. */
import "./panel.css";
import { useEffect, useRef } from "preact/hooks";
import { Notice } from "../../components/notice/Notice.tsx";
import { StatusLine } from "../../components/status/StatusLine.tsx";
import { CLOSED_PAGE } from "../../extension/logic/notices.ts";
import type { Models } from "../../extension/models/index.ts";
import { CookiesPart } from "./parts/CookiesPart.tsx";
import { SessionPart } from "./parts/SessionPart.tsx";
import { SplitPart } from "./parts/SplitPart.tsx";
import { useShortcuts } from "./parts/shortcuts.ts";
import { statusFacts } from "./parts/status.ts";
import { TimelinePart } from "./parts/TimelinePart.tsx";
import { ToastPart } from "./parts/ToastPart.tsx";
import { ToolbarPart } from "./parts/ToolbarPart.tsx";
import { TroublePart } from "./parts/TroublePart.tsx";

export interface AppProps {
  models: Models;
}

/** The whole panel, as large as its container. */
export function App({ models }: AppProps) {
  const filter = useRef<HTMLInputElement>(null);
  const app = useRef<HTMLDivElement>(null);
  const stale = models.connection.current.value?.state.value.state === "lost";
  useShortcuts(models, filter);
  const { forced } = models.theme;
  useEffect(() => {
    // "" lets prefers-color-scheme decide.
    document.documentElement.dataset["theme"] = forced.value ?? "";
  }, [forced.value]);
  if (models.connection.pageUrl.value === null) {
    return (
      <main class="app app-closed">
        <h1 class="visually-hidden">Sessions</h1>
        <Notice {...CLOSED_PAGE} />
      </main>
    );
  }
  return (
    <main class={stale ? "app stale" : "app"} ref={app}>
      <h1 class="visually-hidden">Sessions</h1>
      <ToolbarPart models={models} filter={filter} />
      <TroublePart models={models} />
      <CookiesPart models={models} />
      <SplitPart models={models} app={app} which="split1" />
      <TimelinePart models={models} />
      <SplitPart models={models} app={app} which="split2" />
      <SessionPart models={models} />
      <Status models={models} />
      <ToastPart models={models} />
      <Voice models={models} />
    </main>
  );
}

function Status({ models }: AppProps) {
  return <StatusLine facts={statusFacts(models)} />;
}

/** The one polite region. */
function Voice({ models }: AppProps) {
  return (
    <div class="visually-hidden" aria-live="polite">
      {models.announcer.message}
    </div>
  );
}

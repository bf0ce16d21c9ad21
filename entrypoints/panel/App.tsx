/** The panel: the only place that sees both models and views. Its parts connect views to the models they need. */
import "./panel.css";
import { useEffect, useRef } from "preact/hooks";
import { Toast } from "../../components/common/Toast.tsx";
import { Notice } from "../../components/notice/Notice.tsx";
import { StatusLine } from "../../components/status/StatusLine.tsx";
import { CLOSED_PAGE } from "../../extension/logic/notices/bridge-notices.ts";
import { statusFacts } from "../../extension/logic/status-facts.ts";
import type { Models } from "../../extension/models/index.ts";
import { CookiesPane } from "./parts/CookiesPane.tsx";
import { PaneSplit } from "./parts/PaneSplit.tsx";
import { ProblemBanner } from "./parts/ProblemBanner.tsx";
import { SessionPane } from "./parts/SessionPane.tsx";
import { SharedCookieBanner } from "./parts/SharedCookieBanner.tsx";
import { TimelinePane } from "./parts/TimelinePane.tsx";
import { Toolbar } from "./parts/Toolbar.tsx";
import { useShortcuts } from "./parts/use-shortcuts.ts";

interface AppProps {
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
  const closed = CLOSED_PAGE.tell({ pageUrl: models.connection.pageUrl.value });
  if (closed !== null) {
    return (
      <main class="app app-closed">
        <h1 class="visually-hidden">Sessions</h1>
        <Notice {...closed} />
      </main>
    );
  }
  return (
    <main class={stale ? "app stale" : "app"} ref={app}>
      <h1 class="visually-hidden">Sessions</h1>
      <Toolbar models={models} filter={filter} />
      <div class="banners">
        <ProblemBanner models={models} />
        <SharedCookieBanner models={models} />
      </div>
      <CookiesPane models={models} />
      <PaneSplit models={models} app={app} which="split1" />
      <TimelinePane models={models} />
      <PaneSplit models={models} app={app} which="split2" />
      <SessionPane models={models} />
      <Status models={models} />
      <Toast undo={models.undo} />
      <Announcements models={models} />
    </main>
  );
}

function Status({ models }: AppProps) {
  const link = models.connection.current.value;
  const facts = statusFacts({
    filter: {
      text: models.view.filterText.value,
      changesOnly: models.preferences.value.value.changesOnly,
    },
    counts: models.view.counts.value,
    cookies: models.cookies.rows.value.length,
    dropped: models.timeline.dropped.value,
    bridge: link?.hello.value ?? null,
    isTold: link?.mismatch.value === null && isToldOf(link.hello.value?.capabilities ?? []),
    aheadMs: models.clock.aheadMs.value,
  });
  return <StatusLine facts={facts} />;
}

/** True if the server reports which requests changed the session, or shows it, so that readings do. */
function isToldOf(capabilities: readonly string[]): boolean {
  return capabilities.includes("read") || capabilities.includes("traces");
}

/** The only live region: what screen readers say. */
function Announcements({ models }: AppProps) {
  return (
    <div class="visually-hidden" aria-live="polite">
      {models.announcer.message}
    </div>
  );
}

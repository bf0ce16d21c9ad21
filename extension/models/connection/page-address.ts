/** Which page is open in the tab: as the browser reports it, including each navigation. */
import { computed, createModel, effect, signal } from "@preact/signals";
import type { EpochMs } from "session-bridge/protocol";
import { webOrigin } from "../../logic/origins.ts";
import type { Ports } from "../../ports/ports.ts";

/** What is known of the page. `unread`: the browser may not report it, and `claim` is what the page says about itself. */
type Page =
  | { state: "unknown" }
  | { state: "closed" }
  | { state: "unread"; claim: string }
  | { state: "known"; url: string };

/** From one origin to another; null for pages without an origin. */
export interface Move {
  from: string | null;
  to: string | null;
  /** The new page's address; empty if it is not known. */
  url: string;
  at: EpochMs;
}

interface PageAddressOptions {
  ports: Pick<Ports, "clock" | "tab">;
  /** The page has been found, or has another origin. */
  moved: (move: Move) => void;
}

/** While the page's address is not known, the request is repeated: a busy browser may report none for seconds. */
const LOOK_AGAIN_MS = 2000;

export const PageAddressModel = createModel((options: PageAddressOptions) => {
  const page = signal<Page>({ state: "unknown" });
  const originOf = (known: Page): string | null => (known.state === "known" ? webOrigin(known.url) : null);
  let navigations = 0;
  let moves = 0;
  let reading = false;
  let again = false;

  const set = (next: Page, at: number): void => {
    const before = page.peek();
    const [from, to] = [originOf(before), originOf(next)];
    page.value = next;
    if (from === to && before.state !== "unknown") return;
    moves += 1;
    options.moved({ from, to, url: next.state === "known" ? next.url : "", at });
  };
  const readOnce = async (): Promise<void> => {
    const since = navigations;
    const found = await options.ports.tab.address().catch(() => null);
    if (found === null || since !== navigations) return; // no answer, or one about the previous page
    const at = options.ports.clock.now();
    if (found.by === "browser") set({ state: "known", url: found.url }, at);
    else if (found.by === "none") set({ state: "closed" }, at);
    else if (page.peek().state !== "known") set({ state: "unread", claim: found.url }, at);
  };

  const read = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    while (again) {
      again = false;
      await readOnce();
    }
    reading = false;
  };

  effect(() => options.ports.tab.watchPage?.(() => void read()));
  effect(() => {
    const known = page.value.state === "known";
    if (!known) return options.ports.clock.every(LOOK_AGAIN_MS, () => void read());
  });

  return {
    /** The page's address; null if extensions may not see it, undefined until the browser has reported it. */
    url: computed(() => {
      const known = page.value;
      if (known.state === "closed") return null;
      return known.state === "known" ? known.url : undefined;
    }),
    /** Whether there is a page that can have servers. */
    open: computed(() => page.value.state === "known" || page.value.state === "unread"),
    /** The page's own origin, as the browser reports it. */
    origin: computed(() => originOf(page.value)),
    /** The origin that the page claims if the browser may not report its address: only used to ask for access. */
    claimed: computed(() => (page.value.state === "unread" ? webOrigin(page.value.claim) : null)),
    read,
    /** How often the page was found to have another origin; the first time counts. */
    moves: () => moves,
    /** The browser reports that the page went to another address. */
    navigated(url: string, at: number) {
      navigations += 1;
      set(pageAt(url), at);
      void read();
    },
  };
});

/** What an address shows by itself. The browser's own pages are closed to extensions: nothing needs to be requested first. */
function pageAt(url: string): Page {
  if (webOrigin(url) !== null) return { state: "known", url };
  return url.startsWith("about:") ? { state: "closed" } : { state: "unknown" };
}

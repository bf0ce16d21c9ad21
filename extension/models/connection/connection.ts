/** The links of this tab, and the current one of them: the status and the session pane are about it. */
import { computed, createModel, type ReadonlySignal } from "@preact/signals";
import { cookieFits } from "../../logic/cookie-rows.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Link } from "./bridge-link.ts";
import type { LinksModel } from "./links.ts";

/** @param selected the cookie that is selected */
export const ConnectionModel = createModel(
  (known: InstanceType<typeof LinksModel>, selected: ReadonlySignal<TabCookie | null>) => {
    const { links, names, pageUrl, pageOrigin, readPage, tryNow } = known;
    const current = computed(() => findCurrent([...links.value.values()], selected.value, pageOrigin.value));
    return { links, current, names, pageUrl, readPage, tryNow };
  },
);

/** The bridge that the cookie belongs to, then the page's own, then any that answered, then any at all. */
function findCurrent(all: readonly Link[], cookie: TabCookie | null, page: string | null): Link | null {
  const fits = (link: Link): boolean => cookie !== null && cookieFits(cookie, link.origin.value);
  const names = (link: Link): boolean => link.hello.value?.cookieNames.includes(cookie?.name ?? "") ?? false;
  const live = all.filter((link) => link.hello.value !== null);
  const isPage = (link: Link): boolean => link.origin.value === page;
  const held = live.find((link) => fits(link) && names(link)) ?? live.find(fits);
  return held ?? live.find(isPage) ?? live[0] ?? all.find(isPage) ?? all[0] ?? null;
}

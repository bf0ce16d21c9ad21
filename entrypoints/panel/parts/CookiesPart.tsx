/** The cookies pane. */
import { CookieList } from "../../../components/cookies/CookieList.tsx";
import { Notice } from "../../../components/notice/Notice.tsx";
import { noAccess, noCookies } from "../logic/notices.ts";
import type { Models } from "../models/index.ts";
import { runAction } from "./actions.ts";
import { wantsTenths } from "./motion.ts";

export function CookiesPart({ models }: { models: Models }) {
  const { cookies, clock } = models;
  const rows = cookies.rows.value;
  return (
    <section class="cookies" aria-label="Cookies">
      <h2 class="pane-head">
        <span>{models.preferences.value.value.watch === "all" ? "Cookies" : "Session cookies"}</span>
        <span>{rows.length}</span>
      </h2>
      <CookieList
        groups={cookies.groups.value}
        selectedId={cookies.selected.value?.cookie.id ?? null}
        now={clock.now}
        tenths={wantsTenths()}
        renewed={cookies.renewed.value}
        empty={<Empty models={models} />}
        onSelect={cookies.select}
        onDelete={() => {}}
        onMenu={() => {}}
        onEdit={() => models.tree.show("cookie")}
        onCopy={() => {}}
      />
    </section>
  );
}

function Empty({ models }: { models: Models }) {
  const { cookies, preferences } = models;
  if (!cookies.loaded.value) return null;
  const [denied] = cookies.list.value.denied;
  const text = denied === undefined ? noCookies(preferences.value.value.watch === "all") : noAccess(denied);
  return <Notice {...text} onButton={() => runAction(models, text.action)} />;
}

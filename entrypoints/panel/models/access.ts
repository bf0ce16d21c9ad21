/** Host access and the page: asking for permission, reloading, and what cannot be done here but can be told. */
import { createModel, signal } from "@preact/signals";
import type { NoticeAction } from "../logic/notices.ts";
import type { Ports } from "../ports/ports.ts";

export interface AccessOptions {
  ports: Pick<Ports, "permissions" | "tab">;
  /** The origin that is to be allowed. */
  origin: () => string | null;
  granted: () => void;
  say: (sentence: string) => void;
}

export const AccessModel = createModel((options: AccessOptions) => {
  /** What the user asked to have explained. */
  const explained = signal<NoticeAction | null>(null);
  return {
    explained,
    /** Must run inside a click: browsers give access only then. */
    async ask() {
      const origin = options.origin();
      if (origin === null) return;
      const answer = await options.ports.permissions.request(origin);
      if (answer === "granted") options.granted();
      else if (answer === "elsewhere") options.say("Allow access on the page that has opened");
      else options.say("Access was not given");
    },
    reloadPage() {
      options.ports.tab.reload();
    },
    explain(action: NoticeAction) {
      explained.value = explained.value === action ? null : action;
    },
  };
});

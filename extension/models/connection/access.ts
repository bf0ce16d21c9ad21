/** Host access and the page: asking for permission, reloading, and explaining what cannot be done here. */
import { computed, createModel, signal } from "@preact/signals";
import type { NoticeAction } from "../../logic/notices/notice.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Ports } from "../../ports/ports.ts";

interface AccessOptions {
  ports: Pick<Ports, "permissions" | "tab" | "bridge">;
  granted: () => void;
  say: (sentence: string) => void;
}

export const AccessModel = createModel((options: AccessOptions) => {
  /** What the user asked to have explained. */
  const explained = signal<NoticeAction | null>(null);
  return {
    explained,
    /** Asks for the origin that the notice named. Must run inside a click: browsers only grant access then. */
    async ask(origin: string) {
      const answer = await options.ports.permissions.request(origin);
      if (answer === "granted") options.granted();
      else if (answer === "elsewhere") options.say("Allow access on the page that has opened");
      else options.say("Access was not given");
    },
    /** Why a request cannot be shown in the Network panel, or null. */
    networkOff: computed(() => (options.ports.tab.showInNetwork ? null : "this browser cannot do that")),
    showInNetwork(request: NetworkRequest) {
      options.ports.tab
        .showInNetwork?.(request)
        .catch(() => options.say("The Network panel could not be opened"));
    },
    /** On the user's request: calls this machine's port for the origin, and sends that program its cookies if it reads for it. */
    allowPort(origin: string, port: number) {
      options.ports.bridge.allowPort?.(origin, port);
      options.granted();
    },
    /** Sends this token to this origin from now on, and calls its bridge again. `origin` is what the field named. */
    async useToken(origin: string, token: string) {
      await options.ports.bridge.useToken?.(origin, token);
      options.granted();
    },
    reloadPage() {
      options.ports.tab.reload();
    },
    explain(action: NoticeAction) {
      explained.value = explained.value === action ? null : action;
    },
  };
});

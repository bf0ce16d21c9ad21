/** Who may send messages to the recorder: the panel of its own tab, and the background. */
import { parseNotice } from "../messages/background-messages.ts";
import { toPortName } from "../messages/recorder-messages.ts";

/** What the browser reports about a sender. */
interface Sender {
  id?: string | undefined;
  url?: string | undefined;
}

/** The recorder's own extension and tab. */
interface Own {
  /** `runtime.id`. */
  id: string;
  /** `runtime.getURL("/panel.html")`. */
  panelUrl: string;
  tabId: number;
}

/** True for a port that the panel of this tab opened. */
export function isPanelPort(port: { name: string; sender?: Sender | undefined }, own: Own): boolean {
  const { name, sender } = port;
  return sender?.id === own.id && sender.url === own.panelUrl && name === toPortName(own.tabId);
}

/** True for our own background's question whether this tab is still inspected. */
export function isRollCall(message: unknown, sender: Sender, own: Own): boolean {
  const notice = sender.id === own.id ? parseNotice(message) : null;
  return notice?.notice === "roll-call" && notice.tabId === own.tabId;
}

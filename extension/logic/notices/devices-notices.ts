/** What the list of a user's sessions says if it has none to show. */
import type { DevicesAnswer } from "session-bridge/protocol";
import { type BridgeProblem, problemText } from "../bridge-problem.ts";
import type { NoticeRule } from "./notice.ts";

/** Why there is no list. Null: it is on its way. */
type DevicesFacts =
  | { reason: Extract<DevicesAnswer, { found: false }>["reason"]; problem: null }
  | { reason: null; problem: BridgeProblem };

/** There is no list. */
export const DEVICES_NOTICES: readonly NoticeRule<DevicesFacts>[] = [
  {
    name: "devices-unread",
    tell: ({ problem }) =>
      problem === null
        ? null
        : {
            title: "The list could not be read",
            sentence: problemText(problem),
            button: "List again",
            action: "list-devices",
          },
  },
  {
    name: "devices-no-user",
    tell: ({ reason }) =>
      reason !== "no-user"
        ? null
        : {
            title: "No one is logged in",
            sentence:
              "By the setting users, this session belongs to no user. Log in on the page, and the user's sessions appear here.",
          },
  },
  {
    name: "devices-unproven",
    tell: ({ reason }) =>
      reason !== "unproven"
        ? null
        : {
            title: "The cookie is not proven yet",
            sentence: "The server has not seen this cookie in a request yet. Reload the page.",
            button: "Reload page",
            action: "reload-page",
          },
  },
  {
    name: "devices-no-session",
    tell: ({ reason }) =>
      reason === null
        ? null
        : {
            title: "No session yet",
            sentence:
              "The list is about the user of the page's session, and the page has none now. Log in on the page, and it appears here.",
          },
  },
];

/** The notices about the way to the bridge, one state each: a page whose own address has no bridge, and what its responses say. */
import type { FailedPlace } from "../../../extension/logic/bridge-problem.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { turns } from "../memory-ports/turns.ts";
import type { MemoryWorld } from "../memory-ports/world.ts";
import type { HarnessState } from "./harness-state.ts";
import type { ConnectName } from "./names.ts";

const TRACE = "A".repeat(22);

interface Way {
  page?: string;
  /** What the page's response says about its bridge. */
  mark?: string;
  /** The port that it named was called, too. */
  at?: FailedPlace;
  /** What else the page loaded. */
  more?: Partial<NetworkRequest>;
}

function vain({ page = "http://localhost:5173/", mark, at, more }: Way): HarnessState {
  return {
    before(world: MemoryWorld) {
      world.url = page;
      world.server.setMood("absent");
      world.server.failedAt = at ?? null;
      world.ports.bridge.newToken = () => "5f0e9d3c".repeat(8);
    },
    async after(world, models) {
      if (mark !== undefined) world.request({ url: page, traceId: TRACE, bridge: mark });
      if (more !== undefined) world.request({ ...more, url: new URL(more.url ?? "", page).href });
      models.connection.tryNow();
      await turns();
    },
  };
}

const NAMED = "http://localhost:3000";

/** By the notices that they show. */
export const CONNECT_STATES: Readonly<Record<ConnectName, HarnessState>> = {
  "needs-allow-remote": vain({ mark: ";state=remote" }),
  "needs-host": vain({ page: "http://app.test:3000/", mark: ";at=3000;state=hosts" }),
  "closed-by-proxy": vain({ mark: ";at=3000;state=closed" }),
  "caller-unknown": vain({ mark: ";state=peer" }),
  "certificate-not-accepted": vain({
    mark: ";at=https:3000",
    at: { url: "https://localhost:3000", why: "unreachable" },
  }),
  "port-unreachable": vain({ mark: ";at=3000", at: { url: NAMED, why: "unreachable" } }),
  "port-of-another": vain({ mark: ";at=3000", at: { url: NAMED, why: "unproven" } }),
  "open-directly": vain({ page: "http://app.test/", mark: ";at=3000" }),
  "in-between": vain({ mark: ";state=token" }),
  "not-seen-yet-by-panel": vain({}),
  "only-dev-server": vain({ more: { url: "/@vite/client", type: "script" } }),
};

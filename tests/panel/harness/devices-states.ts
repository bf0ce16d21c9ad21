/** The list of a user's sessions in each of its states, and a session with both deadlines. */
import type { Models } from "../../../extension/models/index.ts";
import { turns } from "../memory-ports/turns.ts";
import type { MemoryWorld } from "../memory-ports/world.ts";
import type { HarnessState } from "./harness-state.ts";
import type { DevicesName } from "./names.ts";
import { press } from "./steps.ts";
import { KEY, storyCookies } from "./story.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A user who is logged in here and in `others` other browsers, on a server that lists their sessions.
 *
 * @param aheadMs the server's clock minus the browser's
 */
export function logInAt(world: MemoryWorld, others: number, aheadMs = 0): void {
  storyCookies(world);
  const { server } = world;
  const { capabilities } = server.hello;
  server.hello = { ...server.hello, capabilities: [...capabilities, "devices", "end-others"] };
  const now = world.now() + aheadMs;
  server.put(KEY, { user_id: 123, username: "john_doe" }, now + 14 * DAY);
  server.know(KEY, { createdAt: now - 3 * HOUR, seenAt: now });
  for (let at = 0; at < others; at += 1) {
    const key = `other${at}`;
    const seenAt = now - (at + 1) * 20 * MINUTE;
    server.put(key, { user_id: 123 }, seenAt + 14 * DAY);
    // one was made by another program, so its times are not known
    server.know(key, at === 2 ? {} : { createdAt: seenAt - at * 30 * HOUR, seenAt });
  }
}

/** Shows the list. */
export async function showDevices(models: Models): Promise<void> {
  models.tree.show("devices");
  await turns();
}

function listing(others: number, more: (world: MemoryWorld) => void = () => {}): HarnessState {
  return {
    before(world) {
      logInAt(world, others);
      more(world);
    },
    after: (_world, models) => showDevices(models),
  };
}

/** By their names in the address. */
export const DEVICES_STATES: Readonly<Record<DevicesName, HarnessState>> = {
  devices: listing(3),
  "devices-end": {
    ...listing(2),
    async after(_world, models) {
      await showDevices(models);
      await press("End the others");
    },
  },
  "devices-ended": {
    ...listing(2),
    async after(_world, models) {
      await showDevices(models);
      const devices = models.devices.devices.peek();
      if (devices.state === "listed") await models.others.end(devices.subject, devices.list);
    },
  },
  "devices-one": listing(0),
  "devices-many": listing(320, ({ server }) => {
    server.devices = {
      why: "Another program, such as Django, may have made more sessions of this user. To have them listed, call sessions.reindex(), or set users.exclusive to true if there is no such program.",
      canUndo: false,
    };
  }),
  "devices-no-user": listing(1, ({ server, now }) => server.put(KEY, { visits: 1 }, now() + DAY)),
  "devices-failed": listing(2, ({ ports }) => {
    const { call } = ports.bridge;
    ports.bridge.call = async (origin, name, request) =>
      name === "devices"
        ? { ok: false, problem: { kind: "unreachable", detail: "Failed to fetch" } }
        : call(origin, name, request);
  }),
  deadlines: {
    before(world) {
      logInAt(world, 1);
      const now = world.now();
      world.server.put(KEY, { user_id: 123, username: "john_doe" }, now + 15 * MINUTE);
      world.server.know(KEY, { deadlines: { absolute: now + 8 * HOUR, idle: now + 15 * MINUTE } });
    },
  },
};

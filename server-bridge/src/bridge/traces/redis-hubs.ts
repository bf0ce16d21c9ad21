/** The hubs of this process: one for each log's name at each address, however often this file is loaded. */
import { Hub, type HubCommands, type Member } from "./redis-hub.ts";
import { openLinks, type RedisTarget } from "./redis-links.ts";

interface Registry {
  readonly byAddress: Map<string, Hub>;
  readonly byClient: WeakMap<object, Map<string, Hub>>;
  /** Releases the hub when a log was forgotten without `close`. Part of this object, because it must not be collected. */
  readonly forgotten: FinalizationRegistry<{ hub: Hub; reference: WeakRef<Member> }>;
}

/** Ends with the version of what is stored: a later version of this package must not find this one's hubs. */
const REGISTRY = Symbol.for("session-bridge.redis-logs.1");

function readRegistry(): Registry {
  const found: Registry | undefined = Reflect.get(globalThis, REGISTRY);
  if (found !== undefined) return found;
  const registry: Registry = {
    byAddress: new Map(),
    byClient: new WeakMap(),
    forgotten: new FinalizationRegistry(({ hub, reference }) => void hub.leave(reference)),
  };
  Reflect.set(globalThis, REGISTRY, registry);
  return registry;
}

/**
 * Lets a log use the hub of its name, which is made if there is none. A log that is forgotten without `leave` leaves by
 * itself.
 *
 * @throws SessionError("settings") if the target is not one
 */
export function joinHub(
  target: RedisTarget,
  commands: HubCommands,
  member: Member,
): { hub: Hub; leave(): Promise<void> } {
  const registry = readRegistry();
  const [stream] = commands.keys;
  const [hubs, name] = hubsOf(registry, target, stream);
  let hub = hubs.get(name);
  if (hub === undefined || hub.isEnded) {
    const made = new Hub(openLinks(target, stream), commands, () => {
      if (hubs.get(name) === made) hubs.delete(name);
    });
    hubs.set(name, made);
    hub = made;
  }
  const joined = hub;
  const reference = new WeakRef(member);
  const token = {};
  joined.join(reference);
  registry.forgotten.register(member, { hub: joined, reference }, token);
  return {
    hub: joined,
    leave() {
      registry.forgotten.unregister(token);
      return joined.leave(reference);
    },
  };
}

/** Where the hub of this target is, and under which name. */
function hubsOf(
  { byAddress, byClient }: Registry,
  target: RedisTarget,
  stream: string,
): [Map<string, Hub>, string] {
  if (typeof target !== "object" || target === null || Array.isArray(target)) {
    return [byAddress, JSON.stringify([target, stream])];
  }
  const hubs = byClient.get(target) ?? new Map<string, Hub>();
  byClient.set(target, hubs);
  return [hubs, stream];
}

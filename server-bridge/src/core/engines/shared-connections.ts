/**
 * Connections that this library opened, shared by all engines of the process that use the same server in the same way.
 *
 * A development server evaluates an application's modules again after each change, and no one closes the engine of the
 * previous evaluation. The registry is kept on `globalThis`, so each evaluation, and each copy of this package, finds the
 * connection of the one before. It is closed when its last holder has closed or was collected as garbage.
 */

import { createHash } from "node:crypto";

/** An engine that uses a connection. The registry does not keep it alive. */
interface Holder {
  /** Called when the connection fails while no call waits for it. */
  onTrouble(error: unknown): void;
}

/** A connection, or a pool of them, that several holders may use. */
export interface Shared {
  /** Closes it; ends even if the server does not answer. */
  close(): Promise<void>;
}

/** A holder's share in a connection. */
export interface Lease<Resource extends Shared> {
  readonly resource: Resource;
  /** Ends this share; closes the connection if it was the last one. */
  release(): Promise<void>;
}

interface Entry {
  readonly identity: string;
  readonly resource: Shared;
  readonly holders: Set<WeakRef<Holder>>;
}

interface Registry {
  readonly entries: Map<string, Entry>;
  readonly collected: FinalizationRegistry<{ entry: Entry; holder: WeakRef<Holder> }>;
  /** The number of each object that is part of an identity. */
  readonly numbers: WeakMap<object, number>;
  count: number;
}

/** The number changes when entries change their form: copies of this package in other versions have other registries. */
const REGISTRY = Symbol.for("session-bridge.connections.2");

/**
 * A share in the connection of this identity, which is opened if there is none. It does not connect yet.
 *
 * @param identity what must be equal to share a connection: kind, address and limits. It is kept only as a hash
 * @param open must not refer to the holder. `tell` reports trouble to every holder
 */
export function lease<Resource extends Shared>(
  identity: readonly unknown[],
  holder: Holder,
  open: (tell: (error: unknown) => void) => Resource,
): Lease<Resource> {
  const name = createHash("sha256").update(JSON.stringify(identity)).digest("hex");
  const { entries, collected } = readRegistry();
  let entry = entries.get(name);
  if (entry === undefined) {
    const holders = new Set<WeakRef<Holder>>();
    const tell = (error: unknown) => {
      for (const one of holders) one.deref()?.onTrouble(error);
    };
    entry = { identity: name, resource: open(tell), holders };
    entries.set(name, entry);
  }
  const [mine, reference] = [entry, new WeakRef(holder)];
  mine.holders.add(reference);
  collected.register(holder, { entry: mine, holder: reference }, reference);
  return {
    resource: mine.resource as Resource, // opened by a call with the same identity
    async release() {
      collected.unregister(reference);
      await leave(mine, reference);
    },
  };
}

/** What stands for an object in an identity: the same for the same object, in every copy of this package. */
export function numberOf(object: object): number {
  const registry = readRegistry();
  const number = registry.numbers.get(object) ?? ++registry.count;
  registry.numbers.set(object, number);
  return number;
}

async function leave(entry: Entry, holder: WeakRef<Holder>): Promise<void> {
  if (!entry.holders.delete(holder)) return;
  for (const other of entry.holders) if (other.deref() === undefined) entry.holders.delete(other);
  if (entry.holders.size > 0) return;
  const { entries } = readRegistry();
  if (entries.get(entry.identity) === entry) entries.delete(entry.identity);
  await entry.resource.close();
}

function readRegistry(): Registry {
  const known: unknown = Reflect.get(globalThis, REGISTRY);
  if (known !== undefined) return known as Registry; // only this function writes it
  const registry: Registry = {
    entries: new Map(),
    collected: new FinalizationRegistry(({ entry, holder }) => {
      leave(entry, holder).catch(() => {}); // no one is left to be told
    }),
    numbers: new WeakMap(),
    count: 0,
  };
  Reflect.set(globalThis, REGISTRY, registry);
  return registry;
}

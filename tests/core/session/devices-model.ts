/**
 * Random histories of the sessions of some users, on a store that two processes share with a third one that knows
 * nothing of users, as Django would. Afterwards `forUser` must list what reading the whole store finds.
 */
import { createSessions, type Engine, openSession, type Session, type Sessions } from "session-bridge";
import { keyDigest } from "../../../server-bridge/src/core/engines/user-index.ts";
import { ownSource } from "../../../server-bridge/src/sources/own/own.ts";
import type { ProvenKey, ProvenView } from "../../../server-bridge/src/sources/source.ts";
import { type AnyData, NOW } from "../library.ts";
import type { Act, History } from "./devices-acts.ts";
import { Faults } from "./devices-faults.ts";

/** One process's access to the store. */
export interface DevicesProcess {
  readonly engine: Engine;
  /** The objects and methods that each are one step of the store. Absent: those of the engine. */
  readonly steps?: readonly (readonly [target: object | undefined, names: readonly string[]])[];
}

/** What is stored under a key, read without the index. */
export interface FoundRow {
  readonly key: string;
  readonly text: string;
  /** Null: what is read has not expired. */
  readonly expiresAtMs: number | null;
}

/** A store that several processes can use. */
export interface DevicesStore {
  /** Another process. */
  open(): DevicesProcess;
  /** True if only one process can use it. */
  readonly isPrivate?: boolean;
  /** Everything that is stored, read from the store itself. */
  rows(): Promise<readonly FoundRow[]>;
  /** True for stores that live by the server's clock. */
  readonly ownClock?: boolean;
  close(): Promise<void>;
}

interface Site {
  readonly sessions: Sessions<AnyData>;
  readonly faults: Faults;
}

const STEPS: readonly string[] = ["create", "update", "rename", "delete"];
const INDEX_STEPS = ["enter", "touch", "generation", "remove", "raise", "add", "prune", "markWhole"];
const SHORT_SECONDS = 100;

/** Opens a store's processes once, for many histories. */
export async function openWorld(store: DevicesStore): Promise<World> {
  const world = new World(store);
  await world.migrate();
  return world;
}

export class World {
  readonly #store: DevicesStore;
  readonly #sites: readonly Site[];
  readonly #foreign: Sessions<AnyData> | null;
  #now = NOW;
  #histories = 0;
  #jars: (string | null)[] = [];
  #copies: ProvenView[] = [];
  /** What is wrong besides the lists. */
  #faults: string[] = [];
  /** True while another program may have written what is not indexed. */
  #isDirty = false;

  constructor(store: DevicesStore) {
    this.#store = store;
    const first = this.#openSite();
    this.#sites = store.isPrivate === true ? [first, first] : [first, this.#openSite()];
    this.#foreign = store.isPrivate === true ? null : this.#create(store.open().engine, false);
  }

  async migrate(): Promise<void> {
    for (const { sessions } of this.#sites) await sessions.migrate();
  }

  async close(): Promise<void> {
    for (const { sessions } of this.#sites) await sessions.close();
    await this.#foreign?.close();
    await this.#store.close();
  }

  /** Plays a history with its own users, and returns what is wrong then. */
  async play(turns: History): Promise<string[]> {
    this.#histories += 1;
    this.#jars = [null, null, null, null];
    this.#copies = [];
    this.#faults = [];
    for (const { acts, fault: struck } of turns) {
      const [first] = this.#sites;
      if (struck !== null) first?.faults.arm(struck.steps, struck.loss);
      await Promise.all(acts.map((one) => this.#take(one, acts.length > 1 || struck !== null)));
      for (const { faults } of this.#sites) faults.disarm();
      if (!this.#isDirty) await this.#compare(`after ${acts.map(({ kind }) => kind).join(" + ")}`);
      if (this.#faults.length > 0) return this.#faults;
    }
    await this.#sites[1]?.sessions.reindex();
    this.#isDirty = false;
    await this.#compare("after reindex");
    await this.#endEverything();
    return this.#faults;
  }

  /** @param isDisturbed other acts at the same time, or faults, may make this one fail */
  async #take(one: Act, isDisturbed: boolean): Promise<void> {
    const { sessions } = this.#site(one.process);
    try {
      await this.#do(one, sessions, isDisturbed);
    } catch (error) {
      if (!isDisturbed) this.#faults.push(`${one.kind}: ${String(error)}`);
    }
  }

  async #do(one: Act, sessions: Sessions<AnyData>, isDisturbed: boolean): Promise<void> {
    const user = this.#user(one.user);
    const request = (handle: (session: Session<AnyData>) => unknown) =>
      this.#request(sessions, one.jar, handle);
    switch (one.kind) {
      case "login":
        return request((session) => session.set("user_id", user));
      case "loginCycle":
        return request((session) => {
          session.set("user_id", user);
          session.cycleKey();
        });
      case "loginFlush":
        return request((session) => {
          session.flush();
          session.set("user_id", user);
        });
      case "relogin":
        return request((session) => {
          session.clear();
          session.set("user_id", user);
        });
      case "flush":
        return request((session) => void session.flush());
      case "forget":
        return request((session) => void session.delete("user_id"));
      case "clear":
        return request((session) => session.clear());
      case "regenerate":
        return request((session) => void session.regenerate());
      case "save":
        return request((session) => session.change("visits", (n) => Number(n ?? 0) + 1));
      case "cycle":
        return request((session) => void session.cycleKey());
      case "shortly":
        return request((session) => session.setExpiry(SHORT_SECONDS));
      case "wait":
        if (this.#store.ownClock !== true) this.#now += (SHORT_SECONDS / 2) * 1000;
        return;
      case "endAll":
        return this.#endAll(sessions, user, { isDisturbed });
      case "endOthers":
        return request((session) => this.#endAll(sessions, user, { except: session, isDisturbed }));
      case "endOne":
        for await (const { keyId } of sessions.forUser(user)) {
          await sessions.end(user, keyId);
          break;
        }
        return;
      case "reindex":
        await sessions.reindex();
        return;
      case "clearExpired":
        await sessions.clearExpired();
        return;
      case "foreignLogin":
        this.#isDirty = this.#foreign !== null;
        return this.#request(this.#foreign, one.jar, (session) => session.set("user_id", user));
      case "foreignLogout":
        return this.#request(this.#foreign, one.jar, (session) => void session.flush());
      default:
        return this.#edit(one, sessions, user);
    }
  }

  async #request(
    sessions: Sessions<AnyData> | null,
    jar: number,
    handle: (session: Session<AnyData>) => unknown,
  ): Promise<void> {
    if (sessions === null) return;
    const cookie = this.#jars[jar];
    const cookieHeader = cookie === null ? undefined : `sessionid=${cookie}`;
    const opened = await openSession(sessions, { method: "GET", path: "/", identity: {}, cookieHeader });
    await handle(opened.session);
    const { setCookie } = await opened.close({ status: 200, vary: null, setCookie: [] });
    const value = setCookie?.[0]?.split(";")[0]?.split("=")[1];
    if (value !== undefined) this.#jars[jar] = value === "" || value === '""' ? null : value;
  }

  /** An edit of the session in a jar through the bridge. */
  async #edit({ kind, jar }: Act, sessions: Sessions<AnyData>, user: string): Promise<void> {
    const source = ownSource(sessions);
    const key = this.#jars[jar] as ProvenKey | null; // no bridge asks for a proof here
    if (kind === "bridgeRestore") {
      const copy = this.#copies.at(jar % Math.max(1, this.#copies.length));
      if (copy !== undefined) await source.restore?.(copy, null);
      return;
    }
    const found = key === null ? null : await source.read(key);
    if (key === null || found === null || !found.found) return;
    const { view } = found;
    this.#copies.push({ ...view, key });
    if (kind === "bridgeReplace") {
      await source.replace?.(key, JSON.stringify({ ...JSON.parse(view.json), user_id: user }), view.stored);
    } else if (kind === "bridgeExpiry") {
      await source.changeExpiry?.(key, { kind: "shift", shiftSeconds: 40 }, view.stored);
    } else if (kind === "bridgeFlush") await source.flush?.(key, view.stored);
    else {
      const moved = await source.cycle?.(key, view.stored);
      if (moved?.ok === true && moved.cookie !== null) this.#jars[jar] = moved.cookie;
    }
  }

  async #endAll(
    sessions: Sessions<AnyData>,
    user: string,
    { except, isDisturbed }: { except?: Session<AnyData>; isDisturbed: boolean },
  ): Promise<void> {
    const { complete } = await sessions.endAll(user, { except, reindex: this.#isDirty });
    if (!complete || isDisturbed) return;
    const left = (await this.#scan()).get(user) ?? new Set();
    const kept = except?.sessionKey == null ? "" : keyDigest(except.sessionKey);
    left.delete(kept);
    if (left.size > 0) this.#faults.push(`endAll of ${user} was complete, and left ${[...left]}`);
  }

  async #compare(when: string): Promise<void> {
    const scanned = await this.#scan();
    for (const [process, { sessions }] of this.#sites.entries()) {
      for (const user of [0, 1, 2].map((n) => this.#user(n))) {
        const listed: string[] = [];
        for await (const { keyId } of sessions.forUser(user)) listed.push(keyId);
        const stored = [...(scanned.get(user) ?? [])].sort();
        if (JSON.stringify(listed.sort()) !== JSON.stringify(stored)) {
          const lists = `lists ${listed}; stored are ${stored}`;
          this.#faults.push(`${when}, process ${process}, ${user}: forUser ${lists}`);
        }
      }
    }
  }

  /** Whose each stored session is, by what is stored. */
  async #scan(): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    const now = this.#clock();
    for (const { key, text, expiresAtMs } of await this.#store.rows()) {
      if (expiresAtMs !== null && expiresAtMs <= now) continue;
      const contents = this.#site(0).sessions.codec.decode(text, key);
      const user: unknown = contents === null ? undefined : JSON.parse(contents.json).user_id;
      if (typeof user === "string") found.set(user, (found.get(user) ?? new Set()).add(keyDigest(key)));
    }
    return found;
  }

  /** So that a later history finds a small store. */
  async #endEverything(): Promise<void> {
    const [site] = this.#sites;
    for (const user of [0, 1, 2].map((n) => this.#user(n))) await site?.sessions.endAll(user);
    const left = await this.#scan();
    for (const user of [0, 1, 2].map((n) => this.#user(n))) {
      if (left.has(user)) this.#faults.push(`${user} has sessions after endAll`);
    }
    for (const { key } of await this.#store.rows()) await this.#site(0).sessions.engine.delete(key);
  }

  #openSite(): Site {
    const { engine, steps } = this.#store.open();
    const faults = new Faults();
    for (const [target, names] of steps ?? [[engine, STEPS] as const]) faults.watch(target, names);
    faults.watch(engine.users, INDEX_STEPS);
    return { sessions: this.#create(engine, true), faults };
  }

  #create(engine: Engine, hasUsers: boolean): Sessions<AnyData> {
    return createSessions<AnyData>({
      secretKey: "core-tests",
      engine,
      clock: () => this.#clock(),
      log: () => {},
      ...(hasUsers && { users: { of: (session) => session.get("user_id"), exclusive: false } }),
    });
  }

  #clock(): number {
    return this.#store.ownClock === true ? Date.now() : this.#now;
  }

  #site(index: number): Site {
    const site = this.#sites[index];
    if (site === undefined) throw new Error("there are two processes");
    return site;
  }

  #user(index: number): string {
    return `history-${this.#histories}-${index}`;
  }
}

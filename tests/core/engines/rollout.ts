/**
 * A roll-out: the old app on express-session and the new one on session-bridge, each with its own connection to one Redis,
 * behind a proxy that sends each request to one of them at random. The same seed chooses the same apps.
 */
import { createHash, randomBytes } from "node:crypto";
import { type RequestListener, request as send } from "node:http";
import { RedisStore } from "connect-redis";
import type { Store } from "express-session";
import { createClient } from "redis";
import { listen, type MovingApp, startNew, startOld, Visitor } from "./moving-apps.ts";

const secret = "a secret of the old app";
const DAY = 86_400;
/** So many users are there at once. */
const AT_ONCE = 50;

type AppName = "old" | "new";

/** A write of a session's record, in the order of the Redis itself. */
interface Write {
  order: number;
  by: AppName;
  items: string[];
}

/** What a roll-out did to its users. */
export interface RolloutResult {
  /** How to run it again with the same choices. */
  repeat: string;
  /** How many requests each app answered. */
  answered: Record<AppName, number>;
  /** Answers that took a user for a guest. */
  loggedOut: number;
  /** Changes that were answered with 200. */
  changes: number;
  /** Those that are not in the session at the end, by the app whose write removed each of them. */
  lostBy: Record<AppName, number>;
}

/**
 * Lets users log in and change their sessions. What fails names the seed.
 *
 * @param options.burst how many requests a user has at the same time
 */
export async function runRollout(options: {
  address: string;
  users: number;
  rounds: number;
  burst: number;
}): Promise<RolloutResult> {
  const seed = process.env["SESSIONS_SEED"] ?? randomBytes(4).toString("hex");
  const repeat = `a roll-out with SESSIONS_SEED=${seed}`;
  const prefix = `rollout-${randomBytes(6).toString("hex")}:`;
  const writes = new Map<string, Write[]>();
  const { address } = options;
  const before = await openStore("old", { address, prefix, writes });
  const after = await openStore("new", { address, prefix, writes });
  const apps = {
    old: await startOld(before.store, secret, { cookie: { maxAge: DAY * 1000 } }),
    new: await startNew(after.store, secret, { cookieAge: DAY }),
  };
  const answered = { old: 0, new: 0 };
  const proxy = await listen(passOn(apps, answered, seed));
  const result: RolloutResult = { repeat, answered, loggedOut: 0, changes: 0, lostBy: { old: 0, new: 0 } };
  const waiting = Array.from({ length: options.users }, (_, at) => `user-${at}`);
  const live = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      await liveAs(name, proxy, apps, { ...options, writes, result });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, live)).catch((cause) => {
    throw new Error(`[tests] ${repeat}: ${cause.message}`, { cause });
  });
  for (const app of [proxy, apps.old, apps.new]) await app.stop();
  for (const { close } of [before, after]) await close();
  return result;
}

/** One user: a login, changes through the proxy, and at the end a look at what both apps know. */
async function liveAs(
  name: string,
  proxy: MovingApp,
  apps: Record<AppName, MovingApp>,
  parts: { rounds: number; burst: number; writes: Map<string, Write[]>; result: RolloutResult },
): Promise<void> {
  const { rounds, burst, writes, result } = parts;
  const visitor = new Visitor();
  await visitor.get(proxy, `/login?user=${name}`);
  const items: string[] = [];
  const add = async (item: string) => {
    items.push(item);
    if ((await visitor.get(proxy, `/add?item=${item}`)) !== name) result.loggedOut += 1;
  };
  for (let round = 0; round < rounds; round += 1)
    await Promise.all(Array.from({ length: burst }, (_, at) => add(`${name}.${round}.${at}`)));
  const seen = await visitor.see(apps.new);
  for (const one of [seen, await visitor.see(apps.old)]) if (one.user !== name) result.loggedOut += 1;
  result.changes += items.length;
  const lost = items.filter((item) => seen.items?.includes(item) !== true);
  for (const item of lost) result.lostBy[whoRemoved(item, writes.get(seen.id ?? "") ?? [])] += 1;
  await visitor.get(proxy, `/logout?user=${name}`);
  if ((await visitor.see(apps.old)).user !== undefined || (await visitor.see(apps.new)).user !== undefined)
    throw new Error(`${name} is still logged in.`);
}

/** The app whose write was the first without the item, after one that had it. */
function whoRemoved(item: string, writes: Write[]): AppName {
  const ordered = [...writes].sort((one, other) => one.order - other.order);
  const had = ordered.findLastIndex(({ items }) => items.includes(item));
  const remover = had === -1 ? undefined : ordered[had + 1];
  if (remover === undefined) throw new Error(`${item} was acknowledged and never stored.`);
  return remover.by;
}

/** connect-redis with a separate connection. Each write is numbered by Redis, in one transaction with it. */
async function openStore(
  by: AppName,
  { address, prefix, writes }: { address: string; prefix: string; writes: Map<string, Write[]> },
) {
  const client = await createClient({ url: address }).connect();
  const note = (name: string, text: string, order: unknown) => {
    const id = name.slice(prefix.length);
    const write = { by, order: Number(order), items: JSON.parse(text).items ?? [] };
    writes.set(id, [...(writes.get(id) ?? []), write]);
  };
  const numbered = Object.create(client, {
    set: {
      async value(name: string, text: string, options: object) {
        const [, order] = await client.multi().set(name, text, options).incr(`${prefix}:order`).exec();
        note(name, text, order);
      },
    },
    eval: {
      async value(script: string, given: { keys: string[]; arguments: string[] }) {
        const [done, order] = await client.multi().eval(script, given).incr(`${prefix}:order`).exec();
        const [name = "", text = ""] = [given.keys[0], given.arguments[1]];
        if (Number(done) === 1 && text !== "") note(name, text, order);
        return done;
      },
    },
  });
  return {
    // its own types are those of express-session
    store: new RedisStore({ client: numbered, prefix }) as unknown as Store,
    async close() {
      const names = await client.keys(`${prefix}*`);
      if (names.length > 0) await client.del(names);
      client.destroy();
    },
  };
}

/**
 * A proxy without any memory: it does not matter which app a user was at before. Each request has a separate address, so
 * that the choice does not depend on the order in which they come.
 */
function passOn(
  apps: Record<AppName, MovingApp>,
  answered: Record<AppName, number>,
  seed: string,
): RequestListener {
  return (request, response) => {
    const [drawn = 0] = createHash("sha256").update(`${seed} ${request.url}`).digest();
    const name = drawn < 128 ? "old" : "new";
    answered[name] += 1;
    const target = new URL(request.url ?? "/", apps[name].origin);
    const passed = send(target, { method: request.method ?? "GET", headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    passed.on("error", (error) => response.destroy(error));
    request.pipe(passed);
  };
}

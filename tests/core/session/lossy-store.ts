/** Stores that lose answers: they write and then fail, write half, or nothing. */
import { cache, database, type Engine, fromExpressStore, memory, type SessionsOptions } from "session-bridge";
import { type AnyData, library } from "../library.ts";

/** What a store may be asked to write. */
export type Method = "create" | "update" | "rename" | "delete";
type Call = (...given: unknown[]) => Promise<unknown>;
/** `after`: the store does what it is told, and its answer is lost. `before`: it does nothing. */
export type Loss = "after" | "before";

/** A library whose store loses answers, and what the store holds. */
export async function lossy(make: () => Engine, options: Partial<SessionsOptions> = {}) {
  const engine = make();
  const keys = new Set<string>();
  const losses: Partial<Record<Method, Loss[]>> = {};
  const count = { writes: 0 };
  for (const name of ["create", "update", "rename", "delete"] as const) {
    const call = engine[name]?.bind(engine) as unknown as Call | undefined; // any of them
    if (call === undefined) continue;
    Object.assign(engine, {
      [name]: async (...given: unknown[]) => {
        count.writes++;
        keys.add(String(given[0]));
        const loss = losses[name]?.shift();
        if (loss === "before") throw new Error("the connection was closed");
        const answer = await call(...given);
        if (loss === "after") throw new Error("the connection was closed");
        return answer;
      },
    });
  }
  const made = library({ engine, ...options });
  await made.sessions.migrate();
  /** Every session that the store holds, by its key. */
  const contents = async () => {
    const found: Record<string, AnyData> = {};
    for (const key of keys) if (await engine.exists(key)) found[key] = await made.read(`sessionid=${key}`);
    return found;
  };
  return { ...made, engine, losses, count, contents };
}

/** The key in a cookie; empty without one. */
export const keyIn = (cookie: string | null) => (cookie ?? "").slice((cookie ?? "").indexOf("=") + 1);

/** Memory of the kind that moves a session in two steps, without comparing. */
export function inTwoSteps(): Engine {
  const engine = cache(memory());
  const { start, load, exists, create, update, clearExpired } = engine;
  const own = { start, load, exists, create, update, delete: engine.delete, clearExpired };
  for (const [name, method] of Object.entries(own)) Object.assign(own, { [name]: method.bind(engine) });
  return { name: "two-steps", format: engine.format, keeping: "stored", swaps: true, ...own };
}

class MapStore {
  readonly #sessions = new Map<string, string>();
  get(id: string, answer: (error?: unknown, session?: unknown) => void): void {
    const text = this.#sessions.get(id);
    answer(null, text === undefined ? undefined : JSON.parse(text));
  }
  set(id: string, session: unknown, answer?: (error?: unknown) => void): void {
    this.#sessions.set(id, JSON.stringify(session));
    answer?.(null);
  }
  destroy(id: string, answer?: (error?: unknown) => void): void {
    this.#sessions.delete(id);
    answer?.(null);
  }
}

/** Stores that move a session in one step, in two, or by copying. */
export const ENGINES: [string, () => Engine][] = [
  ["memory", () => cache(memory())],
  ["SQLite", () => database("sqlite::memory:")],
  ["a store without rename", inTwoSteps],
  ["a store of express-session", () => fromExpressStore(new MapStore())],
];

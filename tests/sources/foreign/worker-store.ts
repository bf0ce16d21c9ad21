/**
 * A store of express-session whose SQLite runs in a worker thread. The worker's messages arrive in the asynchronous context in
 * which it was started: in none, or in that of the request that called first.
 */
import { Worker } from "node:worker_threads";
import { Store } from "express-session";

const PROGRAM = `
const { parentPort } = require("node:worker_threads");
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE sessions (sid TEXT PRIMARY KEY, data TEXT)");
const acts = {
  get: (sid) => db.prepare("SELECT data FROM sessions WHERE sid = ?").get(sid)?.data ?? null,
  set: (sid, data) => void db.prepare("INSERT OR REPLACE INTO sessions VALUES (?, ?)").run(sid, data),
  destroy: (sid) => void db.prepare("DELETE FROM sessions WHERE sid = ?").run(sid),
  echo: (name) => name,
};
parentPort.on("message", ({ number, act, args }) => {
  parentPort.postMessage({ number, value: acts[act](...args) ?? null });
});
`;

type Answer = (error?: unknown, value?: unknown) => void;

/** The store. `starts`: when its worker is. */
export class WorkerStore extends Store {
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #count = 0;

  constructor(starts: "at once" | "with the first call") {
    super();
    if (starts === "at once") this.#start();
  }

  override get(sid: string, answer: Answer): void {
    this.ask("get", [sid], (text) => answer(null, text === null ? undefined : JSON.parse(String(text))));
  }

  override set(sid: string, data: unknown, answer?: Answer): void {
    this.ask("set", [sid, JSON.stringify(data)], () => answer?.());
  }

  override destroy(sid: string, answer?: Answer): void {
    this.ask("destroy", [sid], () => answer?.());
  }

  /** Calls the worker; the result arrives in the worker's context. */
  ask(act: "get" | "set" | "destroy" | "echo", args: string[], answer: (value: unknown) => void): void {
    this.#count += 1;
    this.#waiting.set(this.#count, answer);
    this.#start().postMessage({ number: this.#count, act, args });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(PROGRAM, { eval: true });
    worker.on("message", ({ number, value }) => {
      const answer = this.#waiting.get(number);
      this.#waiting.delete(number);
      answer?.(value);
    });
    this.#worker = worker;
    return worker;
  }
}

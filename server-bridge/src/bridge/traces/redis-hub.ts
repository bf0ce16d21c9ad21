/**
 * What all logs of one name at one address share within a process: two connections, and one loop that waits for news.
 * The hub holds its logs weakly. After a development server has loaded the app again, the forgotten logs are collected,
 * and the next ones use the same two connections.
 */
import type { Log } from "../../core/runtime.ts";
import { readNews, type StreamEntry } from "./redis-entries.ts";
import type { Link } from "./redis-node.ts";
import { createOutageReport, type OutageReport } from "./redis-report.ts";
import { type LogEntry, MAX_BYTES } from "./trace-log.ts";

/** The keys of a log, and the commands that the hub sends. */
export interface HubCommands {
  readonly keys: readonly [stream: string, counter: string];
  append(text: string): string[];
  /** Waits for entries after this id. */
  wait(last: string, blockMs: number): string[];
  readonly read: readonly (readonly string[])[];
}

/** A log that uses the hub. The hub forgets it when no one else holds it. */
export interface Member {
  readonly listeners: Set<(entry: LogEntry) => void>;
  readonly say: Log;
}

/** How long one wait for news lasts, in milliseconds. */
const BLOCK_MS = 2000;
const RETRY_MS = 1000;
/** How long an answer may take, in milliseconds. */
const LIMIT_MS = 2000;
/** Traces that may be on their way, and their characters: as many as may wait to be made, and as much as a log keeps. */
const MAX_PENDING = 10_000;
const MAX_PENDING_LENGTH = MAX_BYTES;

/** See the file's comment. It works until its last member has left. */
export class Hub {
  /** The highest number that was seen; 0 before the first. */
  newest = 0;
  readonly #writer: Link;
  readonly #reader: Link;
  readonly #commands: HubCommands;
  readonly #ended: () => void;
  readonly #members = new Set<WeakRef<Member>>();
  readonly #pending = new Set<Promise<void>>();
  readonly #report: OutageReport;
  #pendingLength = 0;
  #isListening = false;
  #isEnded = false;

  /** A hub over these connections. @param ended is called when it ends */
  constructor([writer, reader]: readonly [Link, Link], commands: HubCommands, ended: () => void) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commands = commands;
    this.#ended = ended;
    this.#report = createOutageReport(commands.keys, (line) => {
      if (!this.#isEnded) living(this.#members).at(-1)?.say(line);
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  append(text: string): void {
    if (this.#pending.size >= MAX_PENDING || this.#pendingLength + text.length > MAX_PENDING_LENGTH) {
      this.#report.lose();
      return;
    }
    this.#pendingLength += text.length;
    const sent = this.#send(text).then(() => {
      this.#pending.delete(sent);
      this.#pendingLength -= text.length;
    });
    this.#pending.add(sent);
  }

  /** The answers to the commands in `read`; null if there are none within two seconds. */
  async read(): Promise<unknown[] | null> {
    try {
      const asked = this.#commands.read.map((command) => this.#writer.ask([...command], LIMIT_MS));
      const answers = await Promise.all(asked);
      this.#report.works("read");
      return answers;
    } catch (error) {
      this.#report.fails("read", error);
      return null;
    }
  }

  /** Starts to wait for news, unless that was done. */
  listen(): void {
    if (!this.#isListening) void this.#waitForNews();
    this.#isListening = true;
  }

  join(member: WeakRef<Member>): void {
    this.#members.add(member);
  }

  /** Without members the hub ends: within two seconds, during which it still waits for what was sent. */
  async leave(member: WeakRef<Member>): Promise<void> {
    this.#members.delete(member);
    if (this.#isForgotten()) await this.#end();
  }

  async #end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ended();
    this.#reader.end();
    await Promise.all(this.#pending); // each has its limit
    this.#writer.end();
  }

  async #send(text: string): Promise<void> {
    try {
      const number = Number(await this.#writer.ask(this.#commands.append(text), LIMIT_MS));
      this.newest = Math.max(this.newest, number || 0);
      this.#report.works("append");
    } catch (error) {
      this.#report.fails("append", error);
      this.#report.lose();
    }
  }

  // These are methods because a waiting async function would keep the logs that it has seen in its variables.
  #isForgotten(): boolean {
    return living(this.#members).length === 0;
  }

  /** Passes the entries on; returns the last one's id. */
  #tell(entries: readonly StreamEntry[]): string | undefined {
    const logs = living(this.#members);
    for (const { id, entry } of entries) {
      this.newest = Math.max(this.newest, Number.parseInt(id, 10) || 0);
      if (entry !== null) for (const { listeners } of logs) for (const hear of listeners) hear(entry);
    }
    return entries.at(-1)?.id;
  }

  async #waitForNews(): Promise<void> {
    let last = "0-0";
    while (!this.#isEnded) {
      try {
        const answer = await this.#reader.ask(this.#commands.wait(last, BLOCK_MS), BLOCK_MS + LIMIT_MS);
        last = this.#tell(readNews(answer)) ?? last;
        this.#report.works("news");
        if (this.#report.isWriterSilent) void this.read(); // the server is there again: the outage may be over
      } catch (error) {
        if (this.#isEnded) return;
        this.#report.fails("news", error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
      if (this.#isForgotten()) void this.#end();
    }
  }
}

/** The members that are still in use, the newest last. Forgets the others. */
function living(members: Set<WeakRef<Member>>): Member[] {
  return [...members].flatMap((reference) => {
    const member = reference.deref();
    if (member === undefined) members.delete(reference);
    return member ?? [];
  });
}

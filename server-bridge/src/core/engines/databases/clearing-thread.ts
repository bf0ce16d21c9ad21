/** A thread with its own connection to a SQLite file, for statements that would stop the event loop. */
import { Worker } from "node:worker_threads";
import { SessionError } from "../../errors.ts";
import { storeError } from "./sqlite-file.ts";

/** A statement that returns one number: how many rows it changed, or the column `count` of its only row. */
interface Question {
  readonly sql: string;
  readonly values: readonly (string | number)[];
  /** Run in the same transaction for each deleted session, with the digest of its key. Null or absent: nothing is. */
  readonly forgetting?: string | null;
}

/** `tookMs`: how long the statement took, without waiting for the lock and without the checkpoint after it. */
interface Answer {
  readonly result: number;
  readonly tookMs: number;
}

/** A thread that runs one statement after the other. */
interface ClearingThread {
  /** Rejects with `storeError`. Ask the next question after the answer. */
  ask(question: Question): Promise<Answer>;
  /** Closes its connection, and ends it. */
  stop(): void;
}

/** A longer WAL starts from its beginning again: 16 MiB of the usual pages. Writers that never pause would let it grow for ever. */
const LONGEST_WAL_PAGES = 4_000;
/** How long that waits for readers, while writers wait for it. */
const RESTART_MS = 200;

/**
 * The thread's program. It is a string, and plain JavaScript, because bundlers leave the path of a file behind. It checkpoints
 * after each statement, without the lock, so that the WAL stays short and no writer has to do it.
 */
const PROGRAM = `
const { parentPort, workerData: { path, busyMs } } = require("node:worker_threads");
const { DatabaseSync } = require("node:sqlite");
const { createHash } = require("node:crypto");
let database = null;
function open() {
  database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = " + busyMs);
}
function deleteWithEntries(sql, values, forgetting) {
  const forget = database.prepare(forgetting);
  const gone = database.prepare(sql + ' RETURNING "session_key" AS "key"').all(...values);
  for (const { key } of gone) forget.run(createHash("sha256").update(key).digest("base64url").slice(0, 22));
  return gone.length;
}
function answer({ sql, values, forgetting }) {
  if (database === null) open();
  const statement = database.prepare(sql);
  if (sql.startsWith("SELECT")) return { result: Number(statement.get(...values).count), tookMs: 0 };
  database.exec("BEGIN IMMEDIATE");
  try {
    const startMs = performance.now();
    const changes = forgetting ? deleteWithEntries(sql, values, forgetting) : statement.run(...values).changes;
    database.exec("COMMIT");
    return { result: Number(changes), tookMs: performance.now() - startMs };
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
function checkpoint() {
  const { log } = database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
  if (log < ${LONGEST_WAL_PAGES}) return;
  database.exec("PRAGMA busy_timeout = ${RESTART_MS}; PRAGMA wal_checkpoint(RESTART); PRAGMA busy_timeout = " + busyMs);
}
parentPort.on("message", (question) => {
  if (question === null) {
    if (database !== null) database.close();
    parentPort.close();
    return;
  }
  try {
    const answered = answer(question);
    checkpoint();
    parentPort.postMessage(answered);
  } catch (error) {
    parentPort.postMessage({ errcode: error.errcode, message: error.message });
  }
});
`;

/**
 * Starts a thread for one file. Null if this process may not start threads.
 *
 * @param busyMs how long a statement waits for another process
 */
export function startClearingThread(path: string, busyMs: number): ClearingThread | null {
  let worker: Worker;
  try {
    const execArgv = ["--no-warnings"]; // that node:sqlite is experimental was said before
    worker = new Worker(PROGRAM, { eval: true, workerData: { path, busyMs }, execArgv });
  } catch {
    return null;
  }
  return {
    ask: (question) =>
      new Promise<Answer>((resolve, reject) => {
        const onEnd = (cause: unknown) => reject(threadEnded(cause));
        worker.once("error", onEnd).once("exit", onEnd);
        worker.once("message", (answer: unknown) => {
          worker.off("error", onEnd).off("exit", onEnd);
          if (isAnswer(answer)) resolve(answer);
          else reject(storeError(toFailure(answer)));
        });
        worker.postMessage(question);
      }),
    stop() {
      worker.on("error", () => {}); // it was asked for nothing more
      worker.postMessage(null);
    },
  };
}

function isAnswer(answer: unknown): answer is Answer {
  return typeof answer === "object" && answer !== null && "result" in answer;
}

/** SQLite's error, as the thread sent it. */
function toFailure(sent: unknown): Error {
  const [errcode, message]: unknown[] =
    typeof sent === "object" && sent !== null
      ? [Reflect.get(sent, "errcode"), Reflect.get(sent, "message")]
      : [];
  return Object.assign(new Error(String(message)), { code: "ERR_SQLITE_ERROR", errcode });
}

function threadEnded(cause: unknown): SessionError {
  return new SessionError(
    "engine",
    "SQLite: the thread that deletes expired sessions has ended. Call clearExpired() again; `cause` says why it ended.",
    { cause },
  );
}

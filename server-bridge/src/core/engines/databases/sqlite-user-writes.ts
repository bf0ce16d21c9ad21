/**
 * What a write of a session does to the index of users in SQLite. Both are in the transaction of the write queue, which
 * other writers wait for: so the generation that is read is the user's until both are stored.
 */
import { endedMeanwhile, keyDigest, type Ownership } from "../user-index.ts";
import type { Statements } from "./sqlite-statements.ts";
import type { SqliteUserStatements } from "./sqlite-user-statements.ts";
import { stepOf } from "./user-writes.ts";

/** Whose session it is, and which entries are old enough to be renewed. */
interface Owned {
  readonly owner: Ownership;
  readonly touchAfterMs: number;
}

/**
 * A write of a session, followed by one of its entry if it was stored. If the second fails, or throws `session-gone`,
 * the first is undone.
 */
export function withEntry<Result>(
  write: (statements: Statements) => Result,
  isStored: (result: Result) => boolean,
  enter: (users: SqliteUserStatements) => void,
): (statements: Statements) => Result {
  return (statements) => {
    const users = statements.users();
    users.savepoint.run();
    try {
      const result = write(statements);
      if (isStored(result)) enter(users);
      users.release.run();
      return result;
    } catch (error) {
      undo(users);
      throw error;
    }
  };
}

function undo(users: SqliteUserStatements): void {
  try {
    users.undo.run();
    users.release.run();
  } catch {
    // the failure itself ended the transaction
  }
}

/** After a session was created. */
export function enterNew(users: SqliteUserStatements, key: string, { user, nowMs }: Ownership): void {
  if (user !== null) users.enter.run({ user }, keyDigest(key), key, nowMs, nowMs);
}

/** After a session was replaced. */
export function enterSaved(users: SqliteUserStatements, key: string, { owner, touchAfterMs }: Owned): void {
  const { user, nowMs } = owner;
  const digest = keyDigest(key);
  if (user === null) users.forget.run(digest);
  else if (stepOf(owner) === "same") users.touch.run({ user }, digest, key, nowMs, nowMs - touchAfterMs);
  else {
    enterNew(users, key, owner);
    users.forgetOthers.run(digest, user);
  }
}

/** After a session was moved. Throws `session-gone` if it was ended meanwhile. */
export function enterMoved(
  users: SqliteUserStatements,
  [key, oldKey]: readonly [key: string, oldKey: string],
  { user, was, nowMs }: Ownership,
): void {
  const oldDigest = keyDigest(oldKey);
  if (user !== null) {
    const old = user === was ? users.find.get(user, oldDigest) : undefined;
    if (
      old !== undefined &&
      Number(old["generation"]) < Number(users.generation.get({ user })?.["generation"])
    )
      throw endedMeanwhile();
    const created = user === was ? (old?.["created"] ?? null) : nowMs;
    users.enter.run({ user }, keyDigest(key), key, created, nowMs);
  }
  users.forget.run(oldDigest);
}

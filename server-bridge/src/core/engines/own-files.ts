/**
 * Which files in a directory can be ours, where other users of the machine may put theirs: plain files of this user, of root,
 * or of the directory's owner, who could replace any file in it.
 */
import { constants, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** How such a file is opened: neither through a symbolic link, nor waiting for the other end of a pipe. Windows has neither. */
export const OPEN_SAFELY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Why a file cannot be ours; null for one that can. `facts` are of the opened file, or of its name by `lstat`. */
export type WhyForeign = (facts: Stats) => string | null;

/** True for a file, or a link, of another user than this one, root and the directory's owner. */
type IsOthers = (facts: Pick<Stats, "uid">) => boolean;

/**
 * Judges whose the files of one directory are, which is there. Its owner counts, but not where anyone could have made it, as a
 * folder in /tmp.
 */
export function createIsOthers(directory: string): IsOthers {
  const user = process.geteuid?.(); // Windows has no such numbers: there the directory's rights have to do
  const owners = new Set([user, 0]);
  if (!isAnyones(directory)) owners.add(statSync(directory).uid);
  return ({ uid }) => user !== undefined && !owners.has(uid);
}

/** True for a directory, which is there, in which anyone may have put files, or which anyone may have put there. */
export function isOpenToAnyone(directory: string): boolean {
  return isWorldWritable(directory) || isAnyones(directory);
}

/** True for a directory of another user, in one where everyone can make directories. */
function isAnyones(directory: string): boolean {
  const { uid } = statSync(directory);
  return uid !== 0 && uid !== process.geteuid?.() && isWorldWritable(dirname(resolve(directory)));
}

function isWorldWritable(directory: string): boolean {
  return (statSync(directory).mode & constants.S_IWOTH) !== 0;
}

/** Judges the files of one directory, which is there. */
export function createWhyForeign(directory: string): WhyForeign {
  const isOthers = createIsOthers(directory);
  return (facts) => {
    if (facts.isSymbolicLink()) return "a symbolic link";
    if (facts.isDirectory()) return "a directory";
    if (!facts.isFile()) return "a pipe, a socket or a device";
    return isOthers(facts) ? "another user's file" : null;
  };
}

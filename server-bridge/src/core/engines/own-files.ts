/**
 * Which files in a directory can be ours if other users of the machine may put theirs there: plain files owned by this
 * user, by root, or by the directory's owner, who could replace any file in it.
 */
import { constants, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Opens a file without following a symbolic link or waiting for the other end of a pipe. Windows has neither flag. */
export const OPEN_SAFELY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Why a file cannot be ours; null if it can. `facts` describe the opened file, or come from `lstat`. */
export type WhyForeign = (facts: Stats) => string | null;

/** True for a file, or a link, owned by anyone except this user, root and the directory's owner. */
type IsOthers = (facts: Pick<Stats, "uid">) => boolean;

/**
 * Returns a check for the owners of one directory's files; the directory must exist. The directory's owner is trusted,
 * unless anyone could have created the directory, such as a folder in /tmp.
 */
export function createIsOthers(directory: string): IsOthers {
  const user = process.geteuid?.(); // Windows has no user ids: there the directory's permissions must be enough
  const owners = new Set([user, 0]);
  if (!isAnyones(directory)) owners.add(statSync(directory).uid);
  return ({ uid }) => user !== undefined && !owners.has(uid);
}

/** True for an existing directory in which anyone may have put files, or which anyone may have created. */
export function isOpenToAnyone(directory: string): boolean {
  return isWorldWritable(directory) || isAnyones(directory);
}

/** True for another user's directory inside one where everyone can create directories. */
function isAnyones(directory: string): boolean {
  const { uid } = statSync(directory);
  return uid !== 0 && uid !== process.geteuid?.() && isWorldWritable(dirname(resolve(directory)));
}

function isWorldWritable(directory: string): boolean {
  return (statSync(directory).mode & constants.S_IWOTH) !== 0;
}

/**
 * Returns a check for the files of one directory, which must exist.
 *
 * @param options `links`: true if a symbolic link can be ours, for callers that never follow it. Default: false
 */
export function createWhyForeign(directory: string, { links = false } = {}): WhyForeign {
  const isOthers = createIsOthers(directory);
  return (facts) => {
    if (facts.isSymbolicLink()) return links && !isOthers(facts) ? null : "a symbolic link";
    if (facts.isDirectory()) return "a directory";
    if (!facts.isFile()) return "a pipe, a socket or a device";
    return isOthers(facts) ? "another user's file" : null;
  };
}

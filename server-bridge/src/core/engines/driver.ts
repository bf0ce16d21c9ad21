/** Loads a driver that the user installs next to this package, and only when an engine that needs it starts. */
import { realpathSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, isAbsolute } from "node:path";
import { codeOf, describeError, messageOf, SessionError } from "../errors.ts";
import { readOwnFile } from "./call-stack.ts";

/**
 * The module `name`. The caller vouches for its type, so claim little.
 *
 * It is looked up from this library's own file, then from the program that was started, then from the working
 * directory, because a bundled library is no longer next to its drivers.
 *
 * @param wantedBy what cannot work without it, for the message
 * @throws SessionError("settings") with the command to run, when the driver is not installed or fails to load
 */
export function loadDriver(name: string, wantedBy: string): unknown {
  const what = name.split("/")[0];
  const failure = (reason: string, cause: unknown) =>
    new SessionError(
      "settings",
      `${wantedBy} needs the package ${what}, which ${reason}. Run: npm install ${what}`,
      { cause },
    );
  const load = createLoader();
  let path: string;
  try {
    path = load.resolve(name, { paths: listPlaces() });
  } catch (cause) {
    throw failure(isAbsence(cause) ? "is not installed here" : brokenBy(cause), cause);
  }
  try {
    return load(path);
  } catch (cause) {
    throw failure(brokenBy(cause), cause);
  }
}

/**
 * Checks an address without ever printing it: it may contain a password.
 *
 * @param example an address of the right form, for the message
 * @throws SessionError("settings") when it is not a URL with one of the protocols
 */
export function parseAddress(address: string, protocols: readonly string[], example: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.href.startsWith(`${url.protocol}//`) && protocols.includes(url.protocol)) return url;
  throw new SessionError(
    "settings",
    `The address of the ${protocols[0]?.replace(":", "")} server is not of the form ${example}. Correct it where the engine is created.`,
  );
}

/**
 * Node's `require`, or that of a test runner that provides its own.
 *
 * Bundlers recognise `createRequire` by its name and replace it with a stand-in that finds no package at run time
 * (Turbopack: "Cannot find module as expression is too dynamic"). They do not look into `Reflect.get`.
 */
function createLoader(): NodeJS.Require {
  const create = Reflect.get(nodeModule, "createRequire") as typeof nodeModule.createRequire; // Node's own member
  const own = readOwnFile();
  return create(own !== null && isAbsolute(own) ? own : process.execPath);
}

/** Folders to search from, the nearest first. Missing ones do no harm. */
function listPlaces(): string[] {
  const own = readOwnFile();
  const program = process.argv[1];
  return [
    ...(own === null ? [] : [dirname(own)]),
    ...(program === undefined ? [] : [program, dirname(program), dirname(realPath(program))]), // `node .` names a folder
    realPath("."),
  ].filter(isAbsolute);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // the working directory may be gone, and the program may have been named without its extension
  }
}

/** A package without its main file causes the same error code, but its `path` is the `package.json`. */
function isAbsence(cause: unknown): boolean {
  return codeOf(cause) === "MODULE_NOT_FOUND" && !Object.hasOwn(Object(cause), "path");
}

function brokenBy(cause: unknown): string {
  const missing = /^Cannot find module '[\w@./\\:-]{1,300}'/.exec(messageOf(cause));
  return `is installed but fails to load: ${missing?.[0] ?? describeError(cause)}; \`cause\` says why`;
}

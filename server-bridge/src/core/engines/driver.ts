/** Loads a driver that the user installs next to this package, and only when an engine that needs it is started. */
import { realpathSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, isAbsolute } from "node:path";
import { codeOf, describeError, messageOf, SessionError } from "../errors.ts";
import { readOwnFile } from "./call-stack.ts";

/**
 * The module `name`. Its type is the caller's claim, so claim little.
 *
 * It is looked for from this library's own file, then from the program that was started, then from the working
 * directory, because a library that was bundled no longer stands next to its drivers.
 *
 * @param wantedBy what cannot work without it, for the message
 * @throws SessionError("settings") with the line to type, when the driver is not installed or fails to load
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
 * Checks an address without ever showing it: a password may be in it.
 *
 * @param example an address of the right form, for the message
 * @throws SessionError("settings") when it is not a URL of one of the protocols
 */
export function parseAddress(address: string, protocols: readonly string[], example: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.href.startsWith(`${url.protocol}//`) && protocols.includes(url.protocol)) return url;
  throw new SessionError(
    "settings",
    `The address of the ${protocols[0]?.replace(":", "")} server is not of the form ${example}. Correct it where the engine is made.`,
  );
}

/**
 * Node's `require`, or that of a test runner that brings its own.
 *
 * Bundlers know `createRequire` by its name and put a stand-in there, which finds no package at run time (Turbopack:
 * "Cannot find module as expression is too dynamic"). They do not look into `Reflect.get`.
 */
function createLoader(): NodeJS.Require {
  const create = Reflect.get(nodeModule, "createRequire") as typeof nodeModule.createRequire; // Node's own member
  const own = readOwnFile();
  return create(own !== null && isAbsolute(own) ? own : process.execPath);
}

/** Folders to start from, the nearest first. Those that are not there do no harm. */
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
    return path; // the working directory may be gone, and the program may have been named without its ending
  }
}

/** A package that is there without its main file has the same code, and names its `package.json` as `path`. */
function isAbsence(cause: unknown): boolean {
  return codeOf(cause) === "MODULE_NOT_FOUND" && !Object.hasOwn(Object(cause), "path");
}

function brokenBy(cause: unknown): string {
  const missing = /^Cannot find module '[\w@./\\:-]{1,300}'/.exec(messageOf(cause));
  return `is installed but fails to load: ${missing?.[0] ?? describeError(cause)}; \`cause\` says why`;
}

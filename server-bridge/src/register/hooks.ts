/**
 * How `register` gets into an app that knows nothing of it: Node's module hooks wrap what a library exports, and a
 * server's `request` event passes the bridge before it reaches the app.
 */
import { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import nodeModule from "node:module";
import type { NodeMiddleware } from "../bridge/node.ts";
import { LIBRARIES } from "./libraries.ts";
import { findMajor } from "./package-version.ts";

/**
 * Called for each call of a library's function, with the library's major version where that is known; gives the arguments to
 * go on with. Must not throw.
 */
type Called = (library: string, args: unknown[], major: number | null) => unknown[];

/** A library, and the major version of it that an app got for its name. */
type Door = readonly [library: string, major: number | null];

const GLOBAL = Symbol.for("session-bridge.register");
const ORIGINAL = "?session-bridge-original";

/**
 * Wraps the functions that these packages export, for `import` and `require` alike, wherever they are loaded from.
 *
 * @throws Error where Node has no `module.registerHooks` (before 22.15)
 */
export function hookLibraries(libraries: readonly string[], called: Called): void {
  const { registerHooks } = nodeModule; // imported by its name, it would stop an older Node before this can be said
  if (typeof registerHooks !== "function") {
    throw new Error(
      `[session-bridge] session-bridge/register needs Node 22.15 or later; this is ${process.version}. Put the line app.use(openBridge(…)) into the app instead.`,
    );
  }
  /** Which library a resolved address is the door of. */
  const doors = new Map<string, string>();
  Object.assign(globalThis, { [GLOBAL]: createWrapper(called) });
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (libraries.includes(specifier)) doors.set(resolved.url, specifier);
      return resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const library = doors.get(url);
      if (library === undefined) return loaded;
      if (loaded.format === "module") return { ...loaded, source: standIn(library, url) };
      const wrap = `globalThis[Symbol.for("session-bridge.register")](${JSON.stringify(doorOf(library, url))}, module.exports)`;
      return { ...loaded, source: `${toText(loaded.source)}\n;module.exports = ${wrap};\n` };
    },
  });
}

function doorOf(library: string, url: string): Door {
  return [library, findMajor(library, url)];
}

/** A module in the place of an ES module: the same exports, those that make sessions wrapped. */
function standIn(library: string, url: string): string {
  const original = JSON.stringify(url + ORIGINAL);
  const wrapped = (LIBRARIES[library]?.exports ?? []).map((name) =>
    name === "default" ? "export default wrapped.default;" : `export const ${name} = wrapped.${name};`,
  );
  return [
    `import * as original from ${original};`,
    `export * from ${original};`,
    `const wrapped = globalThis[Symbol.for("session-bridge.register")](${JSON.stringify(doorOf(library, url))}, { ...original });`,
    ...wrapped,
  ].join("\n");
}

/** Wraps a module's exports: the function that they are, or those of their members that make sessions. */
function createWrapper(called: Called) {
  const wrapFunction = ([library, major]: Door, target: (...args: unknown[]) => unknown): unknown => {
    const proxy: unknown = new Proxy(target, {
      apply: (original, self, args) => Reflect.apply(original, self, called(library, args, major)),
      // Packages name themselves once more as `default`.
      get: (original, name) => {
        const value: unknown = Reflect.get(original, name);
        return value === original ? proxy : value;
      },
    });
    return proxy;
  };
  return (door: Door, exported: unknown): unknown => {
    if (isFunction(exported)) return wrapFunction(door, exported);
    if (typeof exported !== "object" || exported === null) return exported;
    for (const name of LIBRARIES[door[0]]?.exports ?? []) {
      const value: unknown = Reflect.get(exported, name);
      if (isFunction(value)) Reflect.set(exported, name, wrapFunction(door, value));
    }
    return exported;
  };
}

/** Lets every request of every server of this process pass `bridge` first, once there is one. */
export function bridgeServers(bridge: () => NodeMiddleware | null): void {
  for (const { prototype } of [Server, SecureServer]) {
    const { emit } = prototype;
    const passing = function (this: Server, event: string, ...args: unknown[]): boolean {
      const found = event === "request" ? bridge() : null;
      if (found === null) return Reflect.apply(emit, this, [event, ...args]);
      const [request, response] = args as Parameters<NodeMiddleware>; // what the event carries, by Node's documentation
      let heard = true;
      found(request, response, () => {
        heard = Reflect.apply(emit, this, [event, ...args]);
      });
      return heard;
    };
    Object.defineProperty(prototype, "emit", { value: passing, configurable: true, writable: true });
  }
}

function toText(source: unknown): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source as Uint8Array); // the hook's other form
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}

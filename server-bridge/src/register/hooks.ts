/** How `register` gets into an app that does not know it: Node's module hooks wrap the exports of a library. */
import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { LIBRARIES } from "./libraries.ts";
import { findVersion } from "./package-version.ts";

/** What the hooks report of the app. Must not throw. */
interface Reports {
  /** The app loads a library, of this version where it is known. */
  loaded(library: string, version: string | null): void;
  /** The app loads an entry of this package by its name. */
  ours(entry: string): void;
  /** The app calls a library's function; returns the arguments to continue with. */
  called(library: string, args: unknown[], version: string | null): unknown[];
}

/** A library, and the version of it that an app got for its name. */
type Door = readonly [library: string, version: string | null];

/** Node's `Module.prototype`, as far as it runs a CommonJS module's code. */
interface CommonJsPrototype {
  exports: unknown;
  _compile(this: CommonJsPrototype, code: string, filename: string, ...more: unknown[]): unknown;
}

const GLOBAL = Symbol.for("session-bridge.register");

/**
 * Wraps the functions that these packages export, for `import` and `require` alike, from wherever they are loaded.
 *
 * There is no `load` hook. With one, even one that changes nothing, Node before 22.22.3 and 24.11.1 loads CommonJS apps
 * wrongly and refuses the hooks of tsx; and tsx does not use the source that such a hook returns for CommonJS.
 */
export function hookLibraries(libraries: readonly string[], reports: Reports): void {
  /** CommonJS files that are doors, by their addresses. */
  const doors = new Map<string, Door>();
  const wrapExports = createWrapper(reports.called);
  Object.assign(globalThis, { [GLOBAL]: wrapExports });
  wrapCommonJs(doors, wrapExports);
  const { registerHooks } = nodeModule; // imported by its name, it would stop an older Node before that can be said
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (specifier === "session-bridge" || specifier === "session-bridge/bridge") reports.ours(specifier);
      if (!libraries.includes(specifier)) return resolved;
      const door: Door = [specifier, findVersion(specifier, resolved.url)];
      reports.loaded(...door);
      if (resolved.format === "module") return { ...resolved, url: standIn(door, resolved.url) };
      doors.set(resolved.url, door);
      return resolved;
    },
  });
}

/**
 * Passes the exports of each door through `wrap` as soon as the module's code has run: CommonJS, and ES modules that are
 * required.
 *
 * Everything that compiles such a module calls this method of Node's, tsx too. Later, in `load`, Node 22 has already taken
 * the exports for an `import`.
 */
function wrapCommonJs(
  doors: ReadonlyMap<string, Door>,
  wrap: (door: Door, exported: unknown) => unknown,
): void {
  const prototype = nodeModule.prototype as unknown as CommonJsPrototype; // Node's types leave the method out
  const { _compile: compile } = prototype;
  prototype._compile = function (code, filename, ...more) {
    const result = Reflect.apply(compile, this, [code, filename, ...more]);
    const door = doors.get(pathToFileURL(filename).href);
    if (door !== undefined) this.exports = wrap(door, this.exports);
    return result;
  };
}

/** The address of a module in the place of an imported ES module: the same exports, those that make sessions wrapped. */
function standIn(door: Door, url: string): string {
  const original = JSON.stringify(url);
  const wrapped = (LIBRARIES[door[0]]?.exports ?? []).map((name) =>
    name === "default" ? "export default wrapped.default;" : `export const ${name} = wrapped.${name};`,
  );
  const code = [
    `import * as original from ${original};`,
    `export * from ${original};`,
    `const wrapped = globalThis[Symbol.for("session-bridge.register")](${JSON.stringify(door)}, { ...original });`,
    ...wrapped,
  ];
  return `data:text/javascript,${encodeURIComponent(code.join("\n"))}`;
}

/** Wraps a module's exports: the function that they are, or those members that make sessions. Twice is the same as once. */
function createWrapper(called: Reports["called"]) {
  const wrapped = new WeakSet<object>();
  const wrapFunction = ([library, version]: Door, target: (...args: unknown[]) => unknown): unknown => {
    if (wrapped.has(target)) return target;
    const proxy = new Proxy(target, {
      apply: (original, self, args) => Reflect.apply(original, self, called(library, args, version)),
      // Packages name themselves once more as `default`.
      get: (original, name) => {
        const value: unknown = Reflect.get(original, name);
        return value === original ? proxy : value;
      },
    });
    wrapped.add(proxy);
    return proxy;
  };
  return (door: Door, exported: unknown): unknown => {
    if (isFunction(exported)) return wrapFunction(door, exported);
    if (typeof exported !== "object" || exported === null) return exported;
    const members = Object.getOwnPropertyDescriptors(exported);
    for (const name of LIBRARIES[door[0]]?.exports ?? []) {
      const value: unknown = Reflect.get(exported, name);
      if (isFunction(value))
        Object.assign(members, { [name]: { value: wrapFunction(door, value), enumerable: true } });
    }
    return Object.create(Object.getPrototypeOf(exported), members); // members are getters in compiled modules
  };
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}

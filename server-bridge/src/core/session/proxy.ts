/**
 * The public face of a session: Django's API by name, the data by any other name. It implements what `api.ts`
 * documents.
 *
 * Names of the API are reserved: assigning to one throws a TypeError that says to use `set`. Reading a name of
 * express-session's that is not in the data throws one that says what to write instead.
 */

import { misuse } from "../errors.ts";
import type { Session } from "./api.ts";
import { refuseExpressMember } from "./express-members.ts";
import { METHODS, type Method, toPlainCopy } from "./methods.ts";
import { SessionState } from "./state.ts";

const STATE = Symbol("session state");

/** Django's API over a state. */
export function toSession<Shape>(state: SessionState): Session<Shape> {
  // the handler below has exactly the members of Session; the target's own are never reached
  return new Proxy(state, HANDLER) as unknown as Session<Shape>;
}

/** The state behind a session, or undefined for any other object. */
export function stateOf(session: object): SessionState | undefined {
  const state: unknown = Reflect.get(session, STATE);
  return state instanceof SessionState ? state : undefined;
}

const API = new Map<string, unknown>(
  Object.entries<Method>(METHODS).map(([name, method]) => [name, toPublicMethod(name, method)]),
);

const HANDLER: ProxyHandler<SessionState> = {
  get(target, name) {
    if (name === STATE) return target;
    if (typeof name === "symbol") return undefined;
    const method = API.get(name);
    if (method !== undefined) return method;
    if (name === "accessed") return target.accessed;
    if (name === "modified") return target.modified;
    if (name === "sessionKey") return target.key;
    // code that awaits a session, or returns it from an async function, reads `then`: that does not use the data
    if (name === "then") return undefined;
    const value = METHODS.get(target, name);
    return value === undefined ? refuseExpressMember(name) : value;
  },
  set(target, name, value) {
    if (typeof name === "symbol") return false;
    if (name === "accessed") target.accessed = value === true;
    else if (name === "modified") target.modified = value === true;
    else if (isReserved(name)) throw misuse(reservedMessage(name, "set"));
    else METHODS.set(target, name, value);
    return true;
  },
  has(target, name) {
    return typeof name === "string" && (isReserved(name) || METHODS.has(target, name));
  },
  deleteProperty(target, name) {
    if (typeof name === "symbol") return true;
    if (isReserved(name)) throw misuse(reservedMessage(name, "delete"));
    METHODS.delete(target, name);
    return true;
  },
  ownKeys(target) {
    return METHODS.keys(target);
  },
  getOwnPropertyDescriptor(target, name) {
    if (typeof name === "symbol" || !METHODS.has(target, name)) return undefined;
    return { value: METHODS.get(target, name), writable: true, enumerable: true, configurable: true };
  },
  defineProperty(target, name, { value }) {
    return this.set?.(target, name, value, target) ?? false;
  },
  getPrototypeOf() {
    return Object.prototype;
  },
};

// `console.log` looks behind a proxy, where the secrets are. This shows the data instead, without loading it.
Object.defineProperty(SessionState.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: object) {
    const data = stateOf(this)?.data;
    if (!data) return "[Session: not loaded]";
    return toPlainCopy(data.keys().map((key) => [key, data.get(key)]));
  },
});

/** A method as a handler calls it: on the session, whose state it looks up. */
function toPublicMethod(name: string, method: Method) {
  const found = function (this: unknown, first?: unknown, second?: unknown): unknown {
    const state = typeof this === "object" && this !== null ? stateOf(this) : undefined;
    if (state !== undefined) return method(state, first, second);
    throw misuse("a session's method was called on something else. Call it as session.method().");
  };
  return Object.defineProperty(found, "name", { value: name });
}

function isReserved(name: string): boolean {
  return API.has(name) || name === "accessed" || name === "modified" || name === "sessionKey";
}

function reservedMessage(name: string, method: "set" | "delete"): string {
  const call =
    method === "set"
      ? `session.set(${JSON.stringify(name)}, value)`
      : `session.delete(${JSON.stringify(name)})`;
  return `session[${JSON.stringify(name)}]: the name belongs to the session's own API. To use it for data, call ${call}.`;
}

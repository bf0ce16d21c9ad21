/**
 * `node --import session-bridge/register app.js`: the bridge for an app on another session library, without a line in it.
 *
 * The library is recognised when the app loads it, its options are read when the app calls it, and the bridge answers
 * before the app on every server of this process. In development only: elsewhere it ends the process at its start.
 */
import { openBridge } from "../bridge/index.ts";
import type { NodeMiddleware } from "../bridge/node.ts";
import { readOptions } from "../bridge/options.ts";
import { warn } from "../core/runtime.ts";
import { bridgeServers, hookLibraries } from "./hooks.ts";
import { LIBRARIES } from "./libraries.ts";

const { env } = process;

if (env["NODE_ENV"] !== "development") {
  throw new Error(
    `[session-bridge] NODE_ENV is ${env["NODE_ENV"] === undefined ? "not set" : JSON.stringify(env["NODE_ENV"])}: session-bridge/register is for development only. Start with NODE_ENV=development, or leave --import session-bridge/register out.`,
  );
}

readOptions({}); // whatever else is wrong with the environment is said now, not in the middle of the app

let bridge: NodeMiddleware | null = null;
/** The library whose sessions the bridge shows; empty until the app has called it. */
let shown = "";
const said = new Set<string>();

hookLibraries(Object.keys(LIBRARIES), (library, args, major) => {
  const { args: changed = args, source, reason } = LIBRARIES[library]?.read(args, major) ?? {};
  if (source !== undefined && bridge === null) {
    bridge = openBridge(source);
    shown = library;
  } else if (source === undefined) say(`${library}: ${reason ?? "its options could not be read."}`);
  else if (shown !== library) say(`${shown} is shown already; ${library} next to it is not.`);
  return changed;
});
bridgeServers(() => bridge);

/** One line for each reason, however often the library is called. */
function say(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  warn(`[session-bridge] ${line}`);
}

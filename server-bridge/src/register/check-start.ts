/**
 * Ends the process, with one sentence, where `register` cannot work: on an older Node, and outside development. Imported before
 * everything else, so that nothing of the app has begun.
 */
import { writeSync } from "node:fs";
import nodeModule from "node:module";
import { PREFIX, sayOldNode } from "../core/errors.ts";

const refusal = findRefusal();
if (refusal !== null) {
  writeSync(2, `${refusal}\n`); // at once: the process ends here
  process.exit(1);
}

function findRefusal(): string | null {
  const oldNode = sayOldNode();
  if (oldNode !== null) return oldNode;
  if (typeof nodeModule.registerHooks !== "function")
    return `${PREFIX}session-bridge/register needs Node 22.15 or later; this is ${process.versions.node}. Put the line app.use(openBridge(…)) into the app instead.`;
  const { env } = process; // a bundler would replace process.env.NODE_ENV by its own mode
  const nodeEnv = env["NODE_ENV"];
  if (nodeEnv === "development") return null;
  return `${PREFIX}NODE_ENV is ${nodeEnv === undefined ? "not set" : JSON.stringify(nodeEnv)}: session-bridge/register is for development only. Start with NODE_ENV=development, or leave --import session-bridge/register out.`;
}

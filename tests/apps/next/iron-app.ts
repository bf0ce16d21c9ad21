/** The example on iron-session with the routes of `tests/apps/next-iron`, with our lines and without. */
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { APPS } from "../app-copy.ts";
import { type NextApp, startNextDev } from "../next-app.ts";
import { Visitor } from "./visitor.ts";

/** The app in the repository. */
export const EXAMPLE = "examples/next-iron-session";

/** Adds the routes to a copy of the example. */
export function addRoutes(folder: string): Promise<void> {
  return cp(join(APPS, "next-iron"), folder, { recursive: true });
}

/** Adds the routes, and removes every line of ours. */
export async function removeOurLines(folder: string): Promise<void> {
  await addRoutes(folder);
  await rm(join(folder, "instrumentation.ts"));
  for (const name of ["session.ts", "proxy.ts"]) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8");
    const without = text.replace(/^import .*session-bridge.*\n/m, "").replace(/traceIronSession(?=\()/g, "");
    await writeFile(path, without);
  }
}

/** Starts the app with our lines in `next dev`. */
export async function startTraced(): Promise<NextApp> {
  const app = await startNextDev(EXAMPLE, { prepare: addRoutes });
  await untilAttached(app.url);
  return app;
}

/** Asks until an answer is marked: Next answers the first request before `register()` of `instrumentation.ts` is through. */
export async function untilAttached(url: string): Promise<void> {
  const visitor = new Visitor(url);
  while ((await visitor.ask("/who")).traceId === "");
}

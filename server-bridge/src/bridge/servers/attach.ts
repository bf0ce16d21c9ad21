/**
 * `session-bridge/attach`: the bridge for frameworks that create their HTTP server themselves and take no middleware, such
 * as Next.js and SvelteKit. All sources come with it, so that one import serves.
 */
import { PREFIX } from "../../core/errors.ts";
import type { Source } from "../../sources/source.ts";
import { type Bridge, openBridge } from "../index.ts";
import type { BridgeOptions } from "../options.ts";
import { bridgeServers, HTTP1_SERVERS, http2Servers } from "./every-server.ts";

export * from "../../sources/index.ts";

/**
 * The attached bridge of this process. It is kept on `globalThis`: a bundler gives each entry of an app its own copy of
 * this module, and a development server loads it again after an edit.
 */
interface Place {
  bridge: Bridge | null;
}

const PLACE = Symbol.for("session-bridge.attached");

/**
 * Opens the bridge for another library's sessions, and puts it in front of every HTTP server of this process, also those
 * that already listen. Call it once, when the server starts: in Next.js in `register()` of `instrumentation.ts`, in
 * SvelteKit in `init` of `hooks.server.ts`. A second call replaces the bridge of the first.
 *
 * The tab's calls are answered on the app's own port, by the same rules as `openBridge`.
 *
 * @throws what `openBridge` throws: in production always, unless a reason and a token are given
 */
export function attachBridge(source: Source, options: BridgeOptions = {}): Bridge {
  if (source?.library === undefined) throw new TypeError(NO_SOURCE);
  const bridge = openBridge(source, options);
  const place = findPlace();
  place.bridge?.close();
  place.bridge = bridge;
  return bridge;
}

/** Sessions of this library report to the bridge of their own copy, and over fetch by another object than the server's. */
const NO_SOURCE = `${PREFIX}attachBridge(…) takes a source from session-bridge/sources, such as authJs({ secret }). For the result of createSessions(…), use openBridge(…) in front of the app.`;

/** The place of this process; with the first call, its servers begin to look there. */
function findPlace(): Place {
  const found: unknown = Reflect.get(globalThis, PLACE);
  if (typeof found === "object" && found !== null) return found as Place; // no one else has the symbol
  const place: Place = { bridge: null };
  Object.assign(globalThis, { [PLACE]: place });
  bridgeServers(
    [...HTTP1_SERVERS, ...http2Servers()],
    () => place.bridge,
    () => {},
  );
  return place;
}

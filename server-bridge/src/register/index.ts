/**
 * `node --import session-bridge/register app.js`: the bridge for an app on another session library, without a line in it.
 *
 * The library is recognised when the app loads it, its options are read when the app calls it, and the bridge answers
 * before the app on every server of this process. In development only: elsewhere it ends the process at its start.
 */
import "./check-start.ts";
import { openBridge } from "../bridge/index.ts";
import type { NodeMiddleware } from "../bridge/node.ts";
import { readOptions } from "../bridge/options.ts";
import { bridgeServers, HTTP1_SERVERS, http2Servers } from "../bridge/servers/every-server.ts";
import { warn } from "../core/runtime.ts";
import type { Source } from "../sources/source.ts";
import { createAnnouncements } from "./announcements.ts";
import { hookLibraries } from "./hooks.ts";
import { LIBRARIES } from "./libraries.ts";
import { toMajor } from "./package-version.ts";

const settings = readOptions({}); // anything else wrong with the environment is reported now, not in the middle of the app
const announcements = createAnnouncements(Object.keys(LIBRARIES), warn);

let bridge: NodeMiddleware | null = null;
/** The library whose sessions the bridge shows; empty until the app has called it. */
let shown = "";

hookLibraries(Object.keys(LIBRARIES), {
  loaded: (library, version) => announcements.loaded(toName(library, version)),
  ours: announcements.ours,
  called(library, args, version) {
    const { args: changed = args, source, reason } = LIBRARIES[library]?.read(args, toMajor(version)) ?? {};
    const named = toName(library, version);
    if (source === undefined) announcements.say(`${named}: ${reason ?? "its options could not be read."}`);
    else if (bridge === null) {
      bridge = open(named, source);
      shown = library;
    } else if (shown !== library)
      announcements.say(`${shown} is shown already; ${library} next to it is not.`);
    return changed;
  },
});
bridgeServers(HTTP1_SERVERS, () => bridge, announcements.listening);
bridgeServers(http2Servers(), () => null, announcements.listeningOnHttp2);

function toName(library: string, version: string | null): string {
  return version === null ? library : `${library} ${version}`;
}

/** Opens the bridge; its own first line is replaced by one that names the library's version. */
function open(named: string, source: Source): NodeMiddleware {
  const { token = null, allowRemote = false, allowEdit = true } = settings ?? {};
  const remotely = allowEdit
    ? ", from other machines with the token, and EDIT them"
    : ", from other machines with the token";
  const here = `, on this machine only${token === null ? "" : ", with the token"}`;
  const fact =
    source.proof.by === "nothing"
      ? `the Sessions tab cannot read its sessions. ${source.proof.why}`
      : `the Sessions tab in DevTools can read its sessions${allowRemote ? remotely : here}.`;
  let isOpen = false;
  const opened = openBridge(source, { log: (line) => isOpen && warn(line) });
  isOpen = true;
  announcements.say(`${named}: ${fact}`);
  return opened;
}

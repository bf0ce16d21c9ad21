/** The models that change something: writes with their undo, both editors, both rehearsals. */
import { computed, type ReadonlySignal, type Signal, untracked } from "@preact/signals";
import type { Capability } from "session-bridge/protocol";
import { saidOf } from "../../logic/fast-forward.ts";
import { isDjango } from "../../logic/of-library.ts";
import type { Entry } from "../../logic/timeline/entry.ts";
import type { Ports } from "../../ports/ports.ts";
import type { ConnectionModel } from "../connection/connection.ts";
import type { AnnouncerModel } from "../showing/announcer.ts";
import type { ClockModel } from "../showing/clock.ts";
import type { CookiesModel } from "../showing/cookies.ts";
import type { DevicesModel } from "../showing/devices.ts";
import type { Watch } from "../showing/preferences.ts";
import type { SessionModel } from "../showing/session.ts";
import type { TimelineModel } from "../showing/timeline.ts";
import type { ViewModel } from "../showing/view.ts";
import { CookieEditorModel } from "./cookie-editor.ts";
import { EditorModel } from "./editor.ts";
import { FastForwardModel } from "./fast-forward.ts";
import { ImportExportModel } from "./import-export.ts";
import { OthersModel } from "./others.ts";
import { RehearsalModel } from "./rehearsal.ts";
import { SessionWritesModel } from "./session-writes.ts";
import { SnapshotsModel } from "./snapshots.ts";
import { type Change, UndoModel } from "./undo.ts";

interface EditingParts {
  ports: Ports;
  announcer: InstanceType<typeof AnnouncerModel>;
  clock: InstanceType<typeof ClockModel>;
  cookies: InstanceType<typeof CookiesModel>;
  connection: InstanceType<typeof ConnectionModel>;
  session: InstanceType<typeof SessionModel>;
  devices: InstanceType<typeof DevicesModel>;
  view: InstanceType<typeof ViewModel>;
  timeline: InstanceType<typeof TimelineModel>;
  /** Rows of a history file that is viewed instead of the tab's own; null normally. */
  opened: Signal<readonly Entry[] | null>;
}

/** What every change reports to: undo, the line on screen, and reading again. */
interface Reporting {
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** Why each change of the session is not possible now, or null. */
type Able = Record<"edit" | "expiry" | "cycle" | "flush" | "endOthers", ReadonlySignal<string | null>>;

/** Builds everything that edits and rehearses. */
export function createEditing(parts: EditingParts) {
  const { ports, announcer, cookies, session } = parts;
  const undo = new UndoModel(ports.clock, announcer.say);
  const refresh = (): void => {
    cookies.reload();
    session.read();
  };
  const reporting = { refresh, did: undo.did, tell: undo.tell };
  const able: Able = {
    edit: computed(() => findObstacle(parts, "edit")),
    expiry: computed(() => findObstacle(parts, "expiry")),
    cycle: computed(() => findObstacle(parts, "cycle")),
    flush: computed(() => findObstacle(parts, "flush")),
    endOthers: computed(() => findObstacleToEnd(parts)),
  };
  return {
    able,
    undo,
    ...createSessionEditing(parts, reporting, able),
    ...createCookieEditing(parts, reporting),
  };
}

/** Why a capability cannot be used now, or null. */
function findObstacle({ connection, view, session }: EditingParts, capability: Capability): string | null {
  const link = connection.current.value;
  const hello = link?.hello.value;
  if (link?.state.value.state !== "ready" || !hello) return "there is no bridge";
  if (view.selected.value !== null) return "only the present session can be changed";
  if (session.live.value.state !== "present") return "there is no session";
  if (hello.capabilities.includes(capability)) return null;
  return isDjango(hello.library.name)
    ? `the bridge does not offer this for the engine ${hello.engine}`
    : `${hello.library.name} does not offer this`;
}

/** Why the user's other sessions cannot be ended now, or null. Their list is always that of now. */
function findObstacleToEnd({ connection }: EditingParts): string | null {
  const link = connection.current.value;
  if (link?.state.value.state !== "ready") return "there is no bridge";
  return link.hello.value?.capabilities.includes("end-others")
    ? null
    : "this server allows viewing only (allowEdit)";
}

/** The models that change the session on the server. */
function createSessionEditing(parts: EditingParts, reporting: Reporting, able: Able) {
  const { ports, clock, connection, cookies, session, devices } = parts;
  const now = () => ports.clock.now();
  const writes = new SessionWritesModel({
    bridge: ports.bridge,
    cookies: ports.cookies,
    where: connection.whereText,
    now,
    aheadOf: (origin) => untracked(() => clock.aheadOf(origin)),
    ...reporting,
  });
  const editor = new EditorModel({
    live: session.live,
    readOnly: computed(() => able.edit.value && `Not editable: ${able.edit.value}`),
    hasStandIns: computed(() => isDjango(connection.current.value?.hello.value?.library.name)),
    edit: writes.edit,
    tell: reporting.tell,
  });
  const fastForward = new FastForwardModel({
    cookies: ports.cookies,
    live: session.live,
    cookie: computed(() => cookies.selected.value?.cookie ?? null),
    serverOff: able.expiry,
    now: () => clock.now.peek(),
    aheadMs: clock.aheadMs,
    shift: async (subject, seconds) => {
      const live = session.live.peek();
      if (live.state !== "present") return { kind: "failed", reason: "There is no session." };
      const change = { kind: "shift" as const, shiftSeconds: seconds };
      return writes.setExpiry(subject, live.session, change, saidOf(seconds));
    },
    ...reporting,
  });
  const others = new OthersModel({
    bridge: ports.bridge,
    now,
    where: connection.whereText,
    did: reporting.did,
    tell: reporting.tell,
    refresh: () => void devices.read(),
  });
  return { writes, editor, fastForward, others };
}

/** The models that change the tab's cookies, some of them together with the session. */
function createCookieEditing(parts: EditingParts, reporting: Reporting) {
  const { ports, connection, cookies, session, view, timeline, opened } = parts;
  const subject = () => session.subject.peek();
  const cookieEditor = new CookieEditorModel({
    port: ports.cookies,
    current: cookies.current,
    now: () => ports.clock.now(),
    ...reporting,
  });
  const rehearsal = new RehearsalModel({ ports, subject, ...reporting });
  const watch = (): Watch => cookies.watch.peek();
  const keeping = { ports, cookies: cookies.held, watch, ...reporting };
  const where = connection.whereText;
  const watchNames = (): readonly string[] => cookies.watchNames.peek();
  const snapshots = new SnapshotsModel({ ...keeping, watchNames, subject, where, reload: cookies.reload });
  const exchange = new ImportExportModel({
    ...keeping,
    entries: timeline.entries,
    opened,
    turned: () => view.select(null),
    host: () => cookies.list.peek().hosts[0] ?? "localhost",
  });
  return { cookieEditor, rehearsal, snapshots, exchange };
}

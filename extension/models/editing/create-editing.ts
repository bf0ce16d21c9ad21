/** The models that change something, joined: writes with their undo, both editors, both rehearsals. */
import { computed } from "@preact/signals";
import type { Capability } from "session-bridge/protocol";
import type { Ports } from "../../ports/ports.ts";
import type { ConnectionModel } from "../connection/connection.ts";
import type { AnnouncerModel } from "../showing/announcer.ts";
import type { ClockModel } from "../showing/clock.ts";
import type { CookiesModel } from "../showing/cookies.ts";
import type { Watch } from "../showing/preferences.ts";
import type { SessionModel } from "../showing/session.ts";
import type { TimelineModel } from "../showing/timeline.ts";
import type { ViewModel } from "../showing/view.ts";
import { CookieEditorModel } from "./cookie-editor.ts";
import { EditorModel } from "./editor.ts";
import { FastForwardModel, saidOf } from "./fast-forward.ts";
import { ExchangeModel } from "./import-export.ts";
import { RehearsalModel } from "./rehearsal.ts";
import { WritesModel } from "./session-writes.ts";
import { SnapshotsModel } from "./snapshots.ts";
import { UndoModel } from "./undo.ts";

export interface ChangingOptions {
  ports: Ports;
  announcer: InstanceType<typeof AnnouncerModel>;
  clock: InstanceType<typeof ClockModel>;
  cookies: InstanceType<typeof CookiesModel>;
  connection: InstanceType<typeof ConnectionModel>;
  session: InstanceType<typeof SessionModel>;
  view: InstanceType<typeof ViewModel>;
  timeline: InstanceType<typeof TimelineModel>;
}

/** Builds what edits and rehearses. */
export function createChanging(options: ChangingOptions) {
  const { ports, clock, cookies, connection, session } = options;
  const undo = new UndoModel(ports.clock, options.announcer.say);
  const refresh = (): void => {
    cookies.reload();
    session.read();
  };
  /** Why a capability cannot be used now, or null. */
  const missing = (capability: Capability): string | null => {
    const link = connection.current.value;
    const hello = link?.hello.value;
    if (link?.state.value.state !== "ready" || !hello) return "there is no bridge";
    if (options.view.selected.value !== null) return "only the session of now can be changed";
    if (session.live.value.state !== "present") return "there is no session";
    return hello.capabilities.includes(capability) ? null : `${hello.library.name} does not offer this`;
  };
  const able = {
    edit: computed(() => missing("edit")),
    expiry: computed(() => missing("expiry")),
    cycle: computed(() => missing("cycle")),
    flush: computed(() => missing("flush")),
  };
  const writes = new WritesModel({
    bridge: ports.bridge,
    cookies: ports.cookies,
    now: () => ports.clock.now(),
    refresh,
    did: undo.did,
  });
  const editor = new EditorModel({
    live: session.live,
    readOnly: computed(() => able.edit.value && `Not editable: ${able.edit.value}`),
    edit: writes.edit,
    tell: undo.tell,
  });
  const cookieEditor = new CookieEditorModel({
    port: ports.cookies,
    current: (id) => cookies.list.peek().cookies.find((cookie) => cookie.id === id),
    refresh,
    did: undo.did,
    tell: undo.tell,
    now: () => ports.clock.now(),
  });
  const rehearsal = new RehearsalModel({
    ports,
    subject: () => session.subject.peek(),
    refresh,
    tell: undo.tell,
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
      return writes.setExpiry(
        subject,
        live.session,
        { kind: "shift", shiftSeconds: seconds },
        saidOf(seconds),
      );
    },
    refresh,
    did: undo.did,
    tell: undo.tell,
  });
  const watch = (): Watch => cookies.watch.peek();
  const keeping = { refresh, did: undo.did, tell: undo.tell, ports, cookies: cookies.held, watch };
  const snapshots = new SnapshotsModel({
    ...keeping,
    subject: () => session.subject.peek(),
    reload: cookies.reload,
  });
  const exchange = new ExchangeModel({
    ...keeping,
    entries: options.timeline.entries,
    turned: () => options.view.select(null),
    host: () => cookies.list.peek().hosts[0] ?? "localhost",
  });
  return { able, undo, writes, editor, cookieEditor, rehearsal, fastForward, snapshots, exchange };
}

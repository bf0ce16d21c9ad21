/** The port between a panel and its recorder: the panel's history survives any number of panel reloads. */
import { describe, expect, it } from "vitest";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import type { PanelMessage, RecorderMessage } from "../../../extension/messages/recorder-messages.ts";
import { openRecorderPort } from "../../../extension/ports/recorder-port.ts";
import { createPanelConnections } from "../../../extension/recorder/panel-connections.ts";
import { createRecorder } from "../../../extension/recorder/recorder.ts";

/** Two ends of a `runtime.Port`. Messages arrive one turn later, as copies. */
function createPort() {
  const toPanel = new Set<(message: unknown) => void>();
  const toRecorder = new Set<(message: unknown) => void>();
  const ends = new Set<() => void>();
  const send = (listeners: typeof toPanel, message: unknown) => {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => {
      for (const listener of listeners) listener(copy);
    });
  };
  const onDisconnect = { addListener: (listener: () => void) => void ends.add(listener) };
  return {
    panel: {
      postMessage: (message: PanelMessage) => send(toRecorder, message),
      onMessage: { addListener: (listener: (message: unknown) => void) => void toPanel.add(listener) },
      onDisconnect,
    },
    recorder: {
      postMessage: (message: RecorderMessage) => send(toPanel, message),
      onMessage: { addListener: (listener: (message: unknown) => void) => void toRecorder.add(listener) },
      onDisconnect,
    },
    breakOff: () => {
      for (const end of ends) end();
    },
  };
}

function open() {
  const soon: (() => void)[] = [];
  const panels = createPanelConnections({
    recorder: () => recorder,
    greet: () => [
      { say: "visible", visible: true },
      { say: "sites", urls: ["http://app.test/"], whole: true },
    ],
    later: (task) => soon.push(task),
  });
  const recorder = createRecorder({ changed: panels.changed });
  const ports: ReturnType<typeof createPort>[] = [];
  const openPanel = () =>
    openRecorderPort(() => {
      const port = createPort();
      ports.push(port);
      panels.add(port.recorder);
      return port.panel;
    });
  return {
    recorder,
    panels,
    ports,
    openPanel,
    record: (count: number, from = 0) => {
      for (let at = from; at < from + count; at++) {
        recorder.log({
          at,
          method: "GET",
          url: `http://app.test/${at}`,
          status: 200,
          type: "fetch",
          durationMs: 1,
          traceId: null,
          sentCookies: [],
          setCookies: [],
          fromCache: false,
          error: null,
        });
      }
    },
    flush: async () => {
      for (const task of soon.splice(0)) task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const numbers = (requests: NetworkRequest[]) => requests.map(({ url }) => Number(url.split("/").at(-1)));

describe("a panel", () => {
  it("opened after the requests gets them all, oldest first", async () => {
    const { record, openPanel } = open();
    record(1_234);
    const { requests } = await openPanel().requests.history();
    expect(numbers(requests)).toEqual(Array.from({ length: 1_234 }, (_, at) => at));
  });

  it("opened before any request has an empty history", async () => {
    expect(await open().openPanel().requests.history()).toEqual({
      requests: [],
      dropped: 0,
      recording: true,
    });
  });

  it("learns when recording began, in each piece and after each reload", async () => {
    const { recorder, record, openPanel, ports } = open();
    recorder.begin(1_000);
    record(1_234);
    expect(await openPanel().requests.history()).toMatchObject({ since: 1_000 });
    ports[0]?.breakOff();
    expect(await openPanel().requests.history()).toMatchObject({ since: 1_000 });
  });

  it("reloaded has the same history again", async () => {
    const { record, openPanel, ports } = open();
    record(3);
    await openPanel().requests.history();
    ports[0]?.breakOff();
    expect(numbers((await openPanel().requests.history()).requests)).toEqual([0, 1, 2]);
  });

  it("receives each change once, and a burst together", async () => {
    const { record, openPanel, flush } = open();
    const told: number[] = [];
    const stop = openPanel().requests.watch((request) => told.push(...numbers([request])));
    record(1_000);
    await flush();
    expect(told).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    stop();
    record(1, 1_000);
    await flush();
    expect(told).toHaveLength(1_000);
  });

  it("clears and pauses the recorder, and a later panel sees that state", async () => {
    const { record, openPanel, flush } = open();
    const { requests } = openPanel();
    record(3);
    requests.clear();
    requests.setRecording(false);
    await flush();
    record(3, 10);
    expect(await openPanel().requests.history()).toEqual({ requests: [], dropped: 0, recording: false });
  });

  it("learns at its start whether it is visible, and where the tab's frames are", async () => {
    const { openPanel, panels, flush } = open();
    const line = openPanel();
    await flush();
    const shown: boolean[] = [];
    line.watchVisible((visible) => shown.push(visible));
    panels.tell({ say: "visible", visible: false });
    await flush();
    expect(shown).toEqual([true, false]);
    expect(line.sites()).toEqual({ urls: ["http://app.test/"], whole: true });
  });

  it("receives navigations", async () => {
    const { openPanel, panels, flush } = open();
    const told: unknown[] = [];
    openPanel().requests.watchNavigations((url, at) => told.push([url, at]));
    panels.tell({ say: "navigated", navigation: { url: "http://app.test/a", at: 5 } });
    await flush();
    expect(told).toEqual([["http://app.test/a", 5]]);
  });

  it("that waits for its history when the port breaks gets an answer, and uses a new port next time", async () => {
    const { record, openPanel, ports } = open();
    record(2);
    const { requests } = openPanel();
    const waiting = requests.history();
    ports[0]?.breakOff();
    expect(numbers((await waiting).requests)).toEqual([]);
    expect(numbers((await requests.history()).requests)).toEqual([0, 1]);
  });
});

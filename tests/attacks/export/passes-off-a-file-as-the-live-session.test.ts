/**
 * Attacker: someone who sends the victim a history file to look into. Holds: the file's every letter, and the ids of live traces, overheard.
 * Wants: the panel to show rows of the file as the server's, to change objects of the panel, or to reveal a cookie.
 */
import { expect, it } from "vitest";
import { readHistoryEntries } from "../../../extension/logic/history/history-entries.ts";
import { exportHistory, parseHistory } from "../../../extension/logic/history/history-file.ts";
import { serverOf, traceOf } from "../../../extension/logic/timeline/entry.ts";
import { finish } from "../../extension/logic/finish.ts";
import { CANARY, listenIn, openScene, readAsVictim } from "../kit/scene.ts";

const ORIGINS = [
  "javascript:alert(1)",
  "http://127.0.0.1@evil.example",
  "data:text/html,x",
  "file:///etc/passwd",
  "//evil.example",
];

it("a forged file changes no prototype, keeps its rows separate, and sets no cookie", async () => {
  const scene = await openScene();
  const { site, victim } = scene;
  const listener = await listenIn(site, { cookies: victim.held });
  await listener.trace("/login");
  const live = listener.events.flatMap((event) => (event.type === "trace" ? event.trace : []));
  const good = exportHistory(
    { requests: [], traces: live.map((trace) => ({ ...trace, server: site.origin })), cookies: [] },
    new Date(0),
  );
  const file = JSON.parse(good.text);
  const evil = ORIGINS.map((server, at) => ({ ...file.traces[0], id: live[at % live.length]?.id, server }));
  const own = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},';
  const text = JSON.stringify({
    ...file,
    traces: [...evil, ...file.traces, { ...file.traces[0], request: { path: null } }, null, 7, []],
    requests: [
      { id: "toString", at: 1, method: "GET", url: site.origin, sentCookies: [1], setCookies: { length: 1 } },
    ],
    cookies: [{ name: "sessionid", value: "planted", domain: "localhost" }],
  }).replaceAll('{"id":', `{${own}"id":`);
  const read = finish(readHistoryEntries(text));
  if ("problem" in read) throw new Error(read.problem);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  for (const entry of read.entries) {
    const origin = serverOf(entry);
    expect(origin === null || origin === site.origin || /^http:\/\/evil\.example$/.test(origin)).toBe(true);
    expect(Reflect.get(Object(traceOf(entry)), "polluted")).toBeUndefined();
  }
  expect(read.leftOut).toBe(4);
  expect(JSON.stringify(read.entries)).not.toContain("planted");
  expect(JSON.stringify(read.entries)).toContain(CANARY);
  expect(
    parseHistory('{"format":"sessions-devtools-history","version":1,"__proto__":{"requests":[]}}'),
  ).toHaveProperty("problem");
  await readAsVictim(scene);
});

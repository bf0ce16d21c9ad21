/**
 * Attacker: a visitor of an app on express-session who has read its store's keys, in a log or a backup. Holds: the victim's id
 * without a signature, and their own id with one. Wants: a check that accepts less than the whole signature.
 */
import { expect, it } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { startExpressSession } from "../kit/express-session-app.ts";
import { CANARY } from "../kit/scene.ts";

it("an id proves nothing without its own complete signature", async () => {
  const { base, store, victims, own, idOf } = await startExpressSession();
  const id = idOf(victims);
  const [, signature = ""] = decodeURIComponent(own).split(/\.(?=[^.]*$)/);
  const [, right = ""] = decodeURIComponent(victims).split(/\.(?=[^.]*$)/);
  const texts = [
    id,
    `s:${id}`,
    `s:${id}.`,
    `s:${id}.${signature}`,
    `s:${id}.${right.slice(0, -1)}`,
    `s:${id}.${right}=`,
    `s:${id}.${right.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))}`,
    `s:${id}.${right.toLowerCase()}`,
    `S:${id}.${right}`,
    `s:s:${id}.${right}`,
    `j:${id}.${right}`,
    `s:${id}.${signature}.${right.slice(1)}`,
    `s:${idOf(own)}.${signature},s:${id}`,
    `${decodeURIComponent(own)}; connect.sid=s:${id}`,
    `s:${id}\0.${signature}`,
  ].filter((text) => text !== `s:${id}.${right}`);
  const forged = texts.flatMap((text) => [text, encodeURIComponent(text), `"${text}"`]);
  const before = JSON.stringify(store.sessions);
  for (const cookie of forged) {
    for (const name of ["session", "flush", "cycle"] as const) {
      const { answer } = await call(base, name, { protocol: 1, cookie, ifVersion: "x" });
      expect(JSON.stringify(answer), cookie).not.toContain(CANARY);
    }
  }
  const heard = await readTraces(base, [...forged.slice(0, 19), own], (traces) => traces.length > 0);
  expect(JSON.stringify(heard)).not.toContain(CANARY);
  expect(JSON.stringify(store.sessions)).toBe(before);
  const { answer } = await call(base, "session", { protocol: 1, cookie: victims });
  expect(JSON.stringify(answer)).toContain(CANARY);
});

/**
 * Attacker: a program on this machine without any session. Holds: as many connections as it likes, which it half-closes, stops reading
 * or leaves before their answer. Wants: a stream whose place, once given away, is filled with what was meant for the victim's.
 */
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { EXTENSION_ORIGIN, rawCall } from "../../bridge/site.ts";
import { CANARY, expectNothing, later, listenIn, openScene } from "../kit/scene.ts";

const HEADERS = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
const BODY = '{"protocol":1,"cookies":[],"ids":[],"since":null,"process":null}';

/** A stream over a bare connection, with every byte that it received. */
function openRaw(port: number, received: string[], then: (socket: Socket) => void): Promise<void> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  later(() => socket.destroy());
  socket.on("data", (text: string) => received.push(text)).on("error", () => {});
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.write(rawCall("traces", HEADERS, BODY), () => {
        then(socket);
        resolve();
      });
    });
  });
}

it("streams that were half-closed, paused, abandoned or displaced receive nothing of the victim's", async () => {
  const scene = await openScene();
  const { site, victim } = scene;
  const leaving: ((socket: Socket) => void)[] = [
    (socket) => socket.end(),
    (socket) => socket.pause(),
    (socket) => socket.destroy(),
    (socket) => socket.write(rawCall("traces", HEADERS, BODY)),
  ];
  await expectNothing(scene, async () => {
    const received: string[] = [];
    const open = async () => {
      for (let count = 0; count < 12; count += 1)
        for (const leave of leaving) await openRaw(site.port, received, leave);
    };
    await open();
    const own = await listenIn(site, { cookies: victim.held });
    await victim.visit("/read");
    await own.trace("/read");
    expect(JSON.stringify(own.events)).toContain(CANARY);
    await open();
    await victim.visit("/read");
    await own.trace("/read");
    expect(received.join("")).toContain("200 OK");
    return received;
  });
});

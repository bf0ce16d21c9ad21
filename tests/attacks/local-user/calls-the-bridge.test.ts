/**
 * Attacker: another user of the machine, whose programs reach every port of it and can send any header. Holds: an extension's Origin,
 * and, if a token is required, the victim's cookie as well. Wants: the session.
 */
import { expect } from "vitest";
import { call, EXTENSION_ORIGIN, rawCall, type SiteOptions } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";
import { asTwoUsers, attack, makeFolder } from "../kit/users.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
const HEADERS = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];

/** The server ends each connection after its response: the program of the other user reads up to there. */
const ENDING: SiteOptions = {
  before: (_request, response) => {
    response.shouldKeepAlive = false;
  },
};

/** Sends bytes as the other user; returns the response. */
function send(port: number, bytes: string): Promise<string> {
  return attack(`exec 3<>/dev/tcp/127.0.0.1/${port}; cat >&3; cat <&3`, bytes);
}

asTwoUsers("without the cookie a program of another user gets nothing, by any call", async () => {
  await makeFolder(0o700);
  const scene = await openScene(ENDING);
  const { port } = scene.site;
  const empty = {
    cookie: "",
    cookies: [],
    ids: [],
    since: null,
    process: null,
    ifVersion: "x",
    replaces: null,
  };
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const name of ["session", "edit", "flush", "cycle", "restore"]) {
      received.push(await send(port, rawCall(name, HEADERS, JSON.stringify({ protocol: 1, ...empty }))));
      expect(received.at(-1)).toMatch(/^HTTP\/1\.1 (200|403) /);
    }
    return received;
  });
  expect(await send(port, remoteCall(scene)), "the cookie is the proof").toContain(CANARY);
});

asTwoUsers("where a token is asked for, they get nothing with the cookie either", async () => {
  await makeFolder(0o700);
  const scene = await openScene({ ...ENDING, bridge: { token: TOKEN } });
  const { site, victim } = scene;
  const guesses = ["", "x", TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), `Bearer ${TOKEN}`];
  for (const guess of guesses) {
    const received = await send(site.port, remoteCall(scene, [`Session-Bridge-Token: ${guess}`]));
    expect(received).toMatch(/^HTTP\/1\.1 403 /);
    expect(received).not.toContain(CANARY);
  }
  expect(
    await send(site.port, remoteCall(scene, [`Authorization: Bearer ${TOKEN}`, `Cookie: token=${TOKEN}`])),
  ).not.toContain(CANARY);
  const control = await call(site, "session", { cookie: victim.cookie }, { "session-bridge-token": TOKEN });
  expect(control.text).toContain(CANARY);
});

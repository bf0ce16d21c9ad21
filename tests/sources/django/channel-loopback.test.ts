/** The channel over loopback, where any program of the machine can connect: both sides prove that they know the secret. */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Channel } from "../../../server-bridge/src/sources/django/channel.ts";
import { announce } from "../../../server-bridge/src/sources/django/channel-place.ts";
import {
  connectSite,
  NAME,
  newNonce,
  openAnnounced,
  prove,
  requestLine,
  SITE,
  type SiteEnd,
  type Told,
  temporaryFolder,
} from "./channel-site.ts";

let temporary: ReturnType<typeof temporaryFolder>;
let folder = "";
let channel: Channel;
let told: Told;

const open = async (proofMs = 60_000) => {
  ({ channel, told } = await openAnnounced(folder, { onLoopback: true, proofMs }));
};
beforeEach(async () => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "run");
  await open();
});
afterEach(async () => {
  await channel.close();
  temporary.remove();
});

const announced = (): { port: number; secret: string } =>
  JSON.parse(readFileSync(join(folder, `${NAME}.json`), "utf8"));

/** The server's answer to a hello. */
async function greet(
  site: SiteEnd,
  nonce = newNonce(),
): Promise<{ own: string; nonce: string; proof: string }> {
  site.send({ hello: 1, nonce });
  await vi.waitFor(() => expect(site.received()).toContain("\n"));
  return { own: nonce, ...JSON.parse(site.received()) };
}

describe("a loopback channel", () => {
  it("takes reports after both proofs, also when they come in one piece with the site's", async () => {
    const { port, secret } = announced();
    const site = await connectSite({ port });
    const { own, nonce, proof } = await greet(site);
    expect(proof).toBe(prove(secret, "server", own, nonce));
    site.send({ proof: prove(secret, "site", own, nonce) }, SITE, requestLine());
    await vi.waitFor(() => expect(told.requests).toHaveLength(1));
  });

  it("closes a connection that sends reports without a proof", async () => {
    const site = await connectSite(announced());
    site.send(SITE, requestLine());
    await site.ended;
    expect(told).toEqual({ requests: [], late: [], dropped: [], lines: [] });
  });

  it.each<[string, (secret: string, own: string, nonce: string) => string]>([
    ["of another secret", (_, own, nonce) => prove(newNonce(), "site", own, nonce)],
    ["that the server itself gave", (secret, own, nonce) => prove(secret, "server", own, nonce)],
    ["for the numbers in the other order", (secret, own, nonce) => prove(secret, "site", nonce, own)],
    ["that is empty", () => ""],
  ])("closes a connection with a proof %s", async (_, make) => {
    const { port, secret } = announced();
    const site = await connectSite({ port });
    const { own, nonce } = await greet(site);
    site.send({ proof: make(secret, own, nonce) }, SITE, requestLine());
    await site.ended;
    expect(told).toEqual({ requests: [], late: [], dropped: [], lines: [] });
  });

  it("closes a connection that repeats what another one said", async () => {
    const { port, secret } = announced();
    const site = await connectSite({ port });
    const { own, nonce } = await greet(site);
    const proof = { proof: prove(secret, "site", own, nonce) };
    site.send(proof, SITE, requestLine());
    await vi.waitFor(() => expect(told.requests).toHaveLength(1));
    const thief = await connectSite({ port });
    const second = await greet(thief, own);
    expect(second.nonce).not.toBe(nonce);
    thief.send(proof, SITE, requestLine());
    await thief.ended;
    expect(told.requests).toHaveLength(1);
  });

  it("closes a connection that proves nothing in time, and keeps one that has", async () => {
    await channel.close();
    await open(100);
    const { port, secret } = announced();
    const site = await connectSite({ port });
    const { own, nonce } = await greet(site);
    site.send({ proof: prove(secret, "site", own, nonce) });
    const silent = await connectSite({ port });
    const half = await connectSite({ port });
    await greet(half);
    await Promise.all([silent.ended, half.ended]);
    site.send(SITE, requestLine());
    await vi.waitFor(() => expect(told.requests).toHaveLength(1));
  });

  it("keeps at most eight connections that have proven nothing, the latest", async () => {
    const { port, secret } = announced();
    const silent: SiteEnd[] = [];
    const add = async () => {
      const one = await connectSite({ port });
      await greet(one); // the server has taken it
      silent.push(one);
    };
    for (let count = 0; count < 9; count += 1) await add();
    await silent[0]?.ended;
    const site = await connectSite({ port });
    const { own, nonce } = await greet(site);
    await silent[1]?.ended;
    site.send({ proof: prove(secret, "site", own, nonce) }, SITE, requestLine());
    await vi.waitFor(() => expect(told.requests).toHaveLength(1));
    for (const one of [...silent, site]) one.close();
  });

  it("reads no long line before the proof", async () => {
    const site = await connectSite(announced());
    site.socket.write("x".repeat(2_000));
    await site.ended;
  });

  it("is refused while the announced one answers with its proof", async () => {
    await expect(openAnnounced(folder, { onLoopback: true })).rejects.toThrow("already runs for this site");
  });

  it.each<[string, (socket: Socket) => unknown]>([
    [
      "answers",
      (socket) =>
        socket.on("data", () =>
          socket.write(`${JSON.stringify({ nonce: newNonce(), proof: newNonce() })}\n`),
        ),
    ],
    [
      "sends byte by byte",
      (socket) => {
        const timer = setInterval(() => socket.write("x"), 100);
        socket.once("close", () => clearInterval(timer));
      },
    ],
  ])("takes the place of one that has ended, also if a stranger on its port %s", async (_, speak) => {
    await channel.close();
    const stranger = createServer((socket) => {
      socket.on("error", () => {});
      speak(socket);
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const address = stranger.address();
    const port = typeof address === "object" && address ? address.port : 0;
    announce({ folder, name: NAME }, { port, secret: newNonce() }, 47_801);
    await open();
    expect(announced().port).not.toBe(port);
    stranger.close();
  });

  it("leaves no file when it is closed", async () => {
    await channel.close();
    expect(readdirSync(folder)).toEqual([]);
  });
});

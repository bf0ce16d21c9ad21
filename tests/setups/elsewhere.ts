/** Apps that are reached from elsewhere or under another name: in a container, over forwarded ports, with names of one's own. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { run } from "../../scripts/machine/program.ts";
import { HERE, PEM, startProgram } from "./program.ts";
import { type AppOptions, type Front, type Setup, startApp } from "./setup.ts";

/** An app in a network namespace, as it is in a container: the page is under the container's address. */
export function startInNamespace(options: AppOptions = {}): Promise<Setup> {
  return inNamespace(async ({ inside, within }) => {
    const app = await startApp({ ...options, host: "0.0.0.0", within });
    return { ...app, pageUrl: `http://${inside}:${app.appPort}` };
  });
}

/** The same under a published port of `localhost`: connections reach the app from the address of the bridge, as docker-proxy makes them. */
export async function startPublished(options: AppOptions = {}): Promise<Setup> {
  const app = await startInNamespace(options);
  return forwarded(app, new URL(app.pageUrl).hostname, app.appPort);
}

/**
 * An app on another machine behind a forwarded port, as `ssh -L`, VS Code and Codespaces make it: the far end connects to the app
 * from loopback there. The app's port is no port of this machine.
 */
export async function startForwarded(options: AppOptions = {}): Promise<Setup> {
  return inNamespace(async ({ inside, within }) => {
    const app = await startApp({ ...options, within });
    const relay = await startProgram([...within, process.execPath, join(HERE, "app/relay.ts")], {
      cwd: HERE,
      env: { HOST: inside, TO: String(app.appPort) },
      said: /^port (\d+)$/m,
    });
    const stop = async () => {
      await relay.stop();
      await app.stop();
    };
    return forwarded({ ...app, stop }, inside, Number(relay.found));
  });
}

/** An app that is opened under a name of its user's own. */
export async function startNamed(options: AppOptions = {}, name = "app.test"): Promise<Setup> {
  const app = await startApp(options);
  return { ...app, pageUrl: `http://${name}:${app.appPort}` };
}

/** An app that listens on every address, and is opened as it printed it: `0.0.0.0`. */
export async function startEverywhere(options: AppOptions = {}): Promise<Setup> {
  return startNamed({ ...options, host: "0.0.0.0" }, "0.0.0.0");
}

/** An app that serves https itself, with a certificate that it signed. */
export function startSecure(options: AppOptions = {}): Promise<Setup> {
  return startApp({ ...options, tls: PEM });
}

/** Two apps on one host, whose cookies have one name. */
export async function startTwo(): Promise<{ first: Setup; second: Setup; stop(): Promise<void> }> {
  const first = await startApp({ name: "ada" });
  try {
    const second = await startApp({ name: "grace" });
    const stop = async () => {
      await second.stop();
      await first.stop();
    };
    return { first, second, stop };
  } catch (error) {
    await first.stop();
    throw error;
  }
}

/** A setup whose page is at a port of this machine's loopback that leads to another address. */
async function forwarded(app: Setup, host: string, to: number): Promise<Setup> {
  const front = await forwardTo(host, to);
  return {
    ...app,
    pageUrl: front.pageUrl,
    async stop() {
      await front.stop();
      await app.stop();
    },
  };
}

/** A port of this machine's loopback that leads to another address. @param from its number; default: one that is free */
export async function forwardTo(host: string, to: number, from = 0): Promise<Front> {
  const open = new Set<Socket>();
  const server = createServer((outer) => {
    const inner = connect(to, host);
    outer.pipe(inner).pipe(outer);
    for (const socket of [outer, inner]) {
      open.add(socket);
      socket.on("error", () => {}).once("close", () => open.delete(socket));
    }
    inner.once("close", () => outer.destroy());
    outer.once("close", () => inner.destroy());
  });
  server.listen(from, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    pageUrl: `http://localhost:${port}`,
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Another machine, as far as this one can see. */
interface Namespace {
  /** Its address. */
  inside: string;
  /** The words in front of a command that runs there. */
  within: readonly string[];
}

/** Starts a set-up on another machine, which ends with it. */
export async function inNamespace<S extends Setup>(start: (namespace: Namespace) => Promise<S>): Promise<S> {
  const { name, inside, remove } = await makeNamespace();
  try {
    const setup = await start({ inside, within: ["ip", "netns", "exec", name] });
    const stop = async () => {
      await setup.stop();
      await remove();
    };
    return { ...setup, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A namespace that is joined to this machine by a pair of virtual network cards. */
async function makeNamespace(): Promise<{ name: string; inside: string; remove(): Promise<void> }> {
  const id = randomInt(2 ** 14);
  const name = `sessions-${id}`;
  const network = `10.213.${id >> 6}.`;
  const first = (id & 63) * 4;
  const [outside, inside] = [`${network}${first + 1}`, `${network}${first + 2}`];
  const [near, far] = [`sess-${id}-a`, `sess-${id}-b`];
  const remove = () => must("ip", ["netns", "delete", name]); // its card goes with it, and with that ours
  await must("ip", ["netns", "add", name]);
  try {
    await must("ip", ["link", "add", near, "type", "veth", "peer", "name", far, "netns", name]);
    await must("ip", ["address", "add", `${outside}/30`, "dev", near]);
    await must("ip", ["link", "set", near, "up"]);
    await must("ip", ["-n", name, "address", "add", `${inside}/30`, "dev", far]);
    await must("ip", ["-n", name, "link", "set", far, "up"]);
    await must("ip", ["-n", name, "link", "set", "lo", "up"]);
    return { name, inside, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const ended = await run(program, args);
  if (ended.code !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${ended.output.trim()}`);
}

/**
 * A complete client for Marionette, Firefox's remote protocol, over one TCP socket.
 *
 * A packet is `<bytes>:<json>` in both directions. A command is `[0, id, name, parameters]`, its response
 * `[1, id, error, result]`; the browser sends a greeting first. This file does not know what the commands mean.
 */
import { connect, type Socket } from "node:net";

/** Firefox's response to a command that failed. */
export class MarionetteError extends Error {
  override readonly name = "MarionetteError";
}

export interface Marionette {
  /** Sends one command and returns its result. Throws a `MarionetteError` when Firefox refuses or goes away. */
  send(name: string, parameters?: unknown): Promise<unknown>;
  close(): void;
}

interface Waiting {
  name: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Connects to a Marionette port on loopback; ready when the browser has sent its greeting. */
export async function connectMarionette(port: number): Promise<Marionette> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const waiting = new Map<number, Waiting>();
  const greeted = Promise.withResolvers<void>();
  let lastId = 0;

  const fail = (reason: string) => {
    greeted.reject(new MarionetteError(reason));
    for (const { name, reject } of waiting.values()) reject(new MarionetteError(`${name}: ${reason}`));
    waiting.clear();
  };
  readPackets(socket, (packet) => {
    if (!Array.isArray(packet)) return greeted.resolve();
    const [, id, error, result]: unknown[] = packet;
    const call = waiting.get(Number(id));
    waiting.delete(Number(id));
    if (error === null || error === undefined) return call?.resolve(result);
    call?.reject(new MarionetteError(`${call.name}: ${explain(error)}`));
  });
  socket.on("error", (error) => fail(`connection to Firefox failed: ${error.message}`));
  socket.on("close", () => fail("Firefox closed the connection"));
  await greeted.promise;

  return {
    send(name, parameters = {}) {
      if (socket.destroyed) return Promise.reject(new MarionetteError(`${name}: the connection is closed`));
      const id = ++lastId;
      const json = JSON.stringify([0, id, name, parameters]);
      return new Promise((resolve, reject) => {
        waiting.set(id, { name, resolve, reject });
        socket.write(`${Buffer.byteLength(json)}:${json}`);
      });
    },
    close: () => socket.destroy(),
  };
}

/** Splits the byte stream into packets; lengths are in bytes, not characters. */
function readPackets(socket: Socket, receive: (packet: unknown) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const colon = buffer.indexOf(":");
      if (colon < 0) return;
      const end = colon + 1 + Number(buffer.subarray(0, colon).toString());
      if (buffer.length < end) return;
      const packet: unknown = JSON.parse(buffer.subarray(colon + 1, end).toString());
      buffer = buffer.subarray(end);
      receive(packet);
    }
  });
}

function explain(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { error: code, message } = error as { error?: unknown; message?: unknown }; // the line above checked that it is an object
  return `${String(code)}: ${String(message)}`;
}

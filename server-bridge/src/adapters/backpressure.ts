/** Tells a writer to wait, and later to continue, while a response is held. It counts waiting bytes, as Node does. */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { getDefaultHighWaterMark } from "node:stream";
import { type Call, HELD, type Held, type HeldResponse } from "./held-response.ts";

/**
 * Counts this call's bytes and returns whether the writer may continue: true below the response's high-water mark, like
 * the return value of Node's `write`. After the first false, `writableNeedDrain` is true as well, because some writers
 * check that instead.
 */
export function mayGoOn(response: HeldResponse, held: Held, { args: [chunk, encoding] }: Call): boolean {
  if (typeof chunk === "string")
    held.keptBytes += Buffer.byteLength(chunk, typeof encoding === "string" ? (encoding as "utf8") : "utf8"); // Node checks it
  else if (chunk instanceof Uint8Array) held.keptBytes += chunk.byteLength;
  if (held.keptBytes < (response.writableHighWaterMark ?? getDefaultHighWaterMark(false))) return true;
  if (!held.isTold) Object.defineProperty(response, "writableNeedDrain", NEED_DRAIN);
  held.isTold = true;
  return false;
}

const NEED_DRAIN: PropertyDescriptor & ThisType<HeldResponse> = {
  configurable: true,
  get() {
    return (
      this[HELD]?.state === "waiting" || Reflect.get(Object.getPrototypeOf(this), "writableNeedDrain", this)
    );
  },
};

/**
 * Emits `drain` for writers that were told to wait: on the response, and on the emitter to which middleware below has
 * moved its listeners.
 */
export function tellDrained(response: ServerResponse, { below: { on } }: Held): void {
  response.emit("drain");
  if (on === EventEmitter.prototype.on) return;
  const emitter: unknown = on.call(response, "drain", ignore);
  if (!(emitter instanceof EventEmitter)) return;
  emitter.off("drain", ignore);
  if (emitter !== response) emitter.emit("drain");
}

function ignore(): void {}

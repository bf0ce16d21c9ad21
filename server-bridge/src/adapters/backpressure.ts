/** When a writer is told to wait while a response is held, and when to go on: as Node tells it, by the bytes that wait. */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { getDefaultHighWaterMark } from "node:stream";
import { type Call, HELD, type Held, type HeldResponse } from "./held-response.ts";

/**
 * Whether the writer of this call may go on: true below the response's high-water mark, as Node's `write` answers. From
 * the first false on `writableNeedDrain` says so as well, which is what some writers ask.
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

/** Tells writers that were told to wait: on the response, and where middleware below has its listeners moved to. */
export function tellDrained(response: ServerResponse, { below: { on } }: Held): void {
  response.emit("drain");
  if (on === EventEmitter.prototype.on) return;
  const emitter: unknown = on.call(response, "drain", ignore);
  if (!(emitter instanceof EventEmitter)) return;
  emitter.off("drain", ignore);
  if (emitter !== response) emitter.emit("drain");
}

function ignore(): void {}

/** The sockets of a pool that this library opened: known, so that closing the pool leaves none behind. */

import type { Socket } from "node:net";

/** How long a server may take to end a connection politely. */
const GOODBYE_MS = 1000;

/** Sockets that are open now. */
export class OpenSockets {
  readonly #open = new Set<Socket>();
  #whenEmpty: (() => void) | null = null;

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#whenEmpty?.();
    });
  }

  /** Waits until the pool has said goodbye on every connection, for a second; what is open then is closed. Never rejects. */
  async closeAfter(goodbye: Promise<unknown>): Promise<void> {
    goodbye.catch(() => {}); // the server is gone, and so are the connections
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GOODBYE_MS);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    for (const socket of this.#open) socket.destroy();
  }
}

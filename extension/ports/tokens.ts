/** Tokens of bridges that require one, kept in `storage.session`: in memory, and gone when the browser closes. */
import type { TokenStore } from "./bridge.ts";

/** The part of `storage.session` that this needs. */
interface TokenStorageApi {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(key: string): Promise<void>;
}

/** A token of 256 random bits, in hexadecimal, as `npx session-bridge token` prints one. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tokens by whose they are. */
export function createTokenStore(storage: TokenStorageApi): TokenStore {
  const toKey = (origin: string) => `token:${origin}`;
  return {
    async read(origin) {
      const token = (await storage.get(toKey(origin)))[toKey(origin)];
      return typeof token === "string" ? token : null;
    },
    async write(origin, token) {
      if (token === null || token === "") await storage.remove(toKey(origin));
      else await storage.set({ [toKey(origin)]: token });
    },
  };
}

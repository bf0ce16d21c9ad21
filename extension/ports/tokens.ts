/** Tokens of bridges that require one, kept in `storage.session`: in memory, and gone when the browser closes. */
import type { TokenStore } from "./bridge.ts";

/** The part of `storage.session` that this needs. */
interface TokenStorageApi {
  get(key: string): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(key: string): Promise<void>;
}

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

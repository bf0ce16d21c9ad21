/**
 * Sessions in the cookie itself, signed and readable: Django's `signed_cookies` engine.
 *
 * Nothing is stored, so nothing can be revoked: a copied cookie works until its age runs out. The browser's last write
 * wins, and browsers drop anything over 4096 bytes.
 */
import { carriedAge } from "../django/deadlines.ts";
import { parseBase62 } from "../signing/base62.ts";
import { withColons } from "../signing/signed-text.ts";
import type { Engine, EngineContext, Stored } from "./engine.ts";
import { startOnce } from "./start-once.ts";

/** Django's `signed_cookies` engine. */
export function signedCookies(): Engine {
  return new SignedCookiesEngine();
}

class SignedCookiesEngine implements Engine {
  readonly name = "signed_cookies";
  readonly format = "signed";
  readonly keeping = "carried";
  readonly swaps = false;
  #context: EngineContext | null = null;

  start(context: EngineContext): void {
    startOnce(context, { "the engine (signed_cookies)": this }, () => {
      this.#context = context;
    });
  }

  /** The cookie's own string, unless it is older than the cookie's age. The codec checks the signature. */
  loadSync(key: string): Stored | null {
    const text = withColons(key);
    const stampedAt = parseBase62(text.split(":").at(-2) ?? "");
    if (this.#context === null || stampedAt === null) return null;
    const { clock, settings } = this.#context;
    const ageSeconds = carriedAge(settings);
    if (clock() / 1000 - stampedAt > ageSeconds) return null;
    return { text, expiresAtMs: (stampedAt + ageSeconds) * 1000 };
  }

  async load(key: string): Promise<Stored | null> {
    return this.loadSync(key);
  }

  async exists(): Promise<boolean> {
    return false;
  }

  async create(): Promise<boolean> {
    return true;
  }

  async update(): Promise<"saved"> {
    return "saved";
  }

  async delete(): Promise<void> {}

  async clearExpired(): Promise<number> {
    return 0;
  }
}

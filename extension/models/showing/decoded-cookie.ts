/** What the selected cookie holds by itself, where its form is known: client-side sessions without any server. */
import { createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { decodeCookie } from "../../logic/decoders/decode.ts";
import type { Decoded } from "../../logic/decoders/decoded.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";

interface DecodedOptions {
  cookie: ReadonlySignal<TabCookie | null>;
  cookies: ReadonlySignal<readonly TabCookie[]>;
}

export const DecodedCookieModel = createModel((options: DecodedOptions) => {
  const decoded = signal<Decoded | null>(null);
  let latest = "";

  const decode = async (cookie: TabCookie | null, siblings: readonly string[]): Promise<void> => {
    const key = cookie === null ? "" : `${cookie.id}\n${cookie.value}\n${siblings.join()}`;
    if (key === latest) return;
    latest = key;
    const found = cookie && (await decodeCookie({ name: cookie.name, value: cookie.value, siblings }));
    if (key === latest) decoded.value = found;
  };
  effect(() => {
    const siblings = options.cookies.value.map(({ name }) => name);
    decode(options.cookie.value, siblings);
  });

  return { decoded };
});

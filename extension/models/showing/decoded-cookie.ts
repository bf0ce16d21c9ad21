/** What the selected cookie itself contains, if its form is known: client-side sessions without any server. */
import { createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { decodeCookie } from "../../logic/decoders/decode.ts";
import type { Decoded, Sibling } from "../../logic/decoders/decoded.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";

interface DecodedOptions {
  cookie: ReadonlySignal<TabCookie | null>;
  cookies: ReadonlySignal<readonly TabCookie[]>;
}

export const DecodedCookieModel = createModel((options: DecodedOptions) => {
  const decoded = signal<Decoded | null>(null);
  let latest = "";

  const decode = async (cookie: TabCookie | null, siblings: readonly Sibling[]): Promise<void> => {
    const key = cookie === null ? "" : JSON.stringify([cookie.id, cookie.value, siblings]);
    if (key === latest) return;
    latest = key;
    const found = cookie && (await decodeCookie({ name: cookie.name, value: cookie.value, siblings }));
    if (key === latest) decoded.value = found;
  };
  effect(() => {
    const cookie = options.cookie.value;
    const siblings = cookie === null ? [] : options.cookies.value.filter((other) => isSibling(other, cookie));
    decode(
      cookie,
      siblings.map(({ name, value }) => ({ name, value })),
    );
  });

  return { decoded };
});

/**
 * True for another cookie that the same responses set: a signature or a chunk with another host or path belongs to another app.
 */
function isSibling(other: TabCookie, cookie: TabCookie): boolean {
  return other.id !== cookie.id && jarOf(other) === jarOf(cookie);
}

function jarOf({ storeId, partitionKey, hostOnly, domain, path }: TabCookie): string {
  return JSON.stringify([storeId, partitionKey, hostOnly, domain, path]);
}

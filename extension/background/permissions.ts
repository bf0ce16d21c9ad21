/**
 * Which hosts the extension may read, and notice when that changes.
 *
 * Asking for more needs a user's click, so it happens in the panel or on the options page, not here.
 */

import { toHostPattern } from "../messages/host-pattern.ts";

/** The calls of `browser.permissions` that this needs. */
export interface PermissionsApi {
  contains(permissions: { origins: string[] }): Promise<boolean>;
  onAdded: { addListener(listener: () => void): void };
  onRemoved: { addListener(listener: () => void): void };
}

/** True when cookies and requests of this origin may be read. */
export async function hasAccess(api: PermissionsApi, origin: string): Promise<boolean> {
  const pattern = toHostPattern(origin);
  return pattern !== null && (await api.contains({ origins: [pattern] }));
}

/** The origins among `urls` that may not be read, without duplicates, in order. */
export async function findDenied(api: PermissionsApi, urls: string[]): Promise<string[]> {
  const origins = [...new Set(urls.map((url) => new URL(url).origin))];
  const allowed = await Promise.all(origins.map((origin) => hasAccess(api, origin)));
  return origins.filter((_, index) => !allowed[index]);
}

/** Calls back when access was granted or withdrawn. For the life of the background: it cannot be undone. */
export function watchAccess(api: PermissionsApi, changed: () => void): void {
  api.onAdded.addListener(changed);
  api.onRemoved.addListener(changed);
}

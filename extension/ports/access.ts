/**
 * Host access as the panel sees it: whether an origin may be read, and asking for it.
 *
 * Chrome asks from the panel itself. Firefox gives a panel no `permissions`, and a click does not carry over to the background,
 * so there the options page opens and asks.
 */
import { toHostPattern } from "../messages/host-pattern.ts";
import type { Ask } from "./ask-background.ts";
import type { PermissionsPort } from "./ports.ts";

/** `browser.permissions`, if a panel has it. */
export interface RequestApi {
  request(permissions: { origins: string[] }): Promise<boolean>;
}

interface AccessParts {
  ask: Ask;
  tabId: number;
  permissions: RequestApi | undefined;
  watch: PermissionsPort["watch"];
}

export function createPermissionsPort({ ask, tabId, permissions, watch }: AccessParts): PermissionsPort {
  return {
    has: async (origin) => (await ask({ ask: "has-access", origin })) === true,
    async request(origin) {
      if (permissions) {
        const pattern = toHostPattern(origin);
        if (pattern === null) return "denied";
        return (await permissions.request({ origins: [pattern] })) ? "granted" : "denied";
      }
      await ask({ ask: "open-options", origin, tabId });
      return "elsewhere";
    },
    watch,
  };
}

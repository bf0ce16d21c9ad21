/**
 * What an app's requests show about the settings that were passed to the bridge: that its session library accepts or
 * makes cookies that the bridge refuses. Only what the library itself accepted or issued counts, so a forged or
 * outdated cookie shows nothing.
 */
import { warn } from "../../core/runtime.ts";
import type { Mismatch } from "../../protocol/messages.ts";
import type { Mismatches } from "../source.ts";

/** The setting that differs. */
type Setting = Exclude<Mismatch["of"], "other">;

/** What a source knows about its settings, and what requests add to it. */
export interface SettingsMatch extends Mismatches {
  /** The library accepted or made a cookie with the bridge's name that the bridge accepts too. */
  agreed(): void;
  /** The library accepted or made a cookie with the bridge's name that the bridge refuses. */
  refused(): void;
  /** The library's session cookie has another name. `name` is null if it is one of several. */
  named(name: string | null): void;
  /** Whether a session of the app is in the store that was passed to the bridge. */
  stored(isThere: boolean): void;
}

/** What a developer should do about each, in the library's terms: a sentence. */
export type Steps = Partial<Record<Setting, string>>;

const FACTS: Record<Setting, string> = {
  secret:
    "The bridge's secret is not the app's: the app accepted or made a session cookie that the bridge cannot verify.",
  name: "The bridge's cookie name is not the app's",
  store: "The bridge's store is not the app's: a session of the app is not in it.",
};

/** A match with nothing seen yet. */
export function createSettingsMatch(cookieName: string, steps: Steps): SettingsMatch {
  const found = new Map<Setting, Mismatch>();
  const settled = new Set<Setting>();
  const said = new Set<Setting>();
  const listeners = new Set<() => void>();
  const change = () => {
    for (const told of listeners) told();
  };
  const differs = (of: Setting, fact = FACTS[of]) => {
    if (settled.has(of) || found.has(of)) return;
    const why = `${fact} ${steps[of] ?? ""}`.trimEnd();
    found.set(of, { of, why });
    if (!said.has(of)) warn(`${why[0]?.toLowerCase()}${why.slice(1)}`);
    said.add(of);
    change();
  };
  const fits = (of: Setting) => {
    settled.add(of);
    if (found.delete(of)) change();
  };
  return {
    now: () => found.get("secret") ?? found.get("name") ?? found.get("store") ?? null,
    watch(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    // another cookie may still be signed with a secret that the bridge lacks
    agreed: () => fits("name"),
    refused() {
      fits("name");
      differs("secret");
    },
    named(name) {
      const app = name !== null && NAME.test(name) ? ` is "${name}", and the bridge reads` : " is not";
      differs("name", `${FACTS.name}: the app's session cookie${app} "${cookieName}".`);
    },
    stored: (isThere) => (isThere ? fits("store") : differs("store")),
  };
}

/** A cookie name that can be shown: an HTTP token. */
const NAME = /^[\w!#$%&'*+.^`|~:-]{1,100}$/;

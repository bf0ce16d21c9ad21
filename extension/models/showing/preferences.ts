/** What the user chose and keeps: theme, filters, pinned keys, sizes of the panes. Written back at every change. */
import { createModel, effect, signal } from "@preact/signals";
import { DEFAULT_KINDS, KINDS, type Kind } from "../../logic/timeline/kinds.ts";
import { MAX_PIN } from "../../logic/timeline/pin-path.ts";
import type { PreferencesPort } from "../../ports/ports.ts";

type ThemeChoice = "auto" | "light" | "dark";
type CodeLanguage = "ts" | "js";
export type Watch = "session" | "all";
type SplitName = "cookies" | "session" | "sessionHeight";

/** Sizes in CSS pixels; absent means the default of the arrangement. */
type Splits = Readonly<Partial<Record<SplitName, number>>>;

/** Everything that is kept between two openings of DevTools. */
export interface Preferences {
  theme: ThemeChoice;
  watch: Watch;
  /** Names of cookies that are listed as sessions because the user chose so. */
  watchNames: readonly string[];
  changesOnly: boolean;
  /** The kinds of requests that are shown. */
  kinds: readonly Kind[];
  preserveLog: boolean;
  /** The keys that the user pinned; null until they pin one, and the panel finds some by itself. */
  pins: readonly string[] | null;
  /** Those that the panel found and the user does not want. */
  unpinned: readonly string[];
  splits: Splits;
  /** The language in which notices offer code. */
  codeLanguage: CodeLanguage;
}

/**
 * What counts before the user chose anything. The log is kept over navigations, because a session is what outlives
 * a page: in a server-rendered site each click is a navigation.
 */
const DEFAULTS: Preferences = {
  theme: "auto",
  watch: "session",
  watchNames: [],
  changesOnly: false,
  kinds: DEFAULT_KINDS,
  preserveLog: true,
  pins: null,
  unpinned: [],
  splits: {},
  codeLanguage: "ts",
};

/** More columns than these leave no room for the changes. */
const MAX_PINS = 6;

/** The panel finds no more by itself. */
const MAX_UNPINNED = 50;

/** What earlier versions kept for those who had pinned nothing. */
const FORMER_PINS = '["user_id","username"]';

/** Cookies watched by name; the oldest goes first. */
const MAX_WATCHED = 20;

/** The preferences, read once at the start and saved at every change after that. */
export const PreferencesModel = createModel((port: PreferencesPort) => {
  const value = signal<Preferences>(DEFAULTS);
  const loaded = signal(false);
  let saved: Preferences = DEFAULTS;

  const load = async (): Promise<void> => {
    try {
      saved = parsePreferences(await port.load());
      value.value = saved;
    } catch {
      // Not critical: the panel works with the defaults, and the next change is saved again.
    }
    loaded.value = true;
  };

  effect(() => {
    const current = value.value;
    if (!loaded.value || current === saved) return;
    saved = current;
    port.save(current).catch(() => {});
  });

  load();
  return {
    value,
    loaded,
    set(change: Partial<Preferences>) {
      value.value = { ...value.value, ...change };
    },
    resize(name: SplitName, size: number | null) {
      const { [name]: _, ...others } = value.value.splits;
      value.value = { ...value.value, splits: size === null ? others : { ...others, [name]: size } };
    },
    watchNames(names: readonly string[]) {
      const watchNames = [...new Set([...value.value.watchNames, ...names])].slice(-MAX_WATCHED);
      value.value = { ...value.value, watchNames };
    },
    unwatchName(name: string) {
      const watchNames = value.value.watchNames.filter((each) => each !== name);
      value.value = { ...value.value, watchNames };
    },
    /**
     * Pins a key, or unpins it.
     *
     * @param found what the panel found by itself: to pin another key makes these the user's, too; to unpin one keeps it away
     */
    pin(key: string, found: readonly string[] = []) {
      const { pins, unpinned } = value.value;
      if (pins === null && found.includes(key)) {
        value.value = { ...value.value, unpinned: [...unpinned, key] };
        return;
      }
      const now = pins ?? found;
      const next = now.includes(key) ? now.filter((each) => each !== key) : [...now, key].slice(-MAX_PINS);
      value.value = { ...value.value, pins: next };
    },
  };
});

/** Stored preferences with whatever is missing or odd replaced by its default. */
function parsePreferences(stored: unknown): Preferences {
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const from: Partial<Record<keyof Preferences, unknown>> = stored;
  return {
    theme: oneOf(from.theme, ["auto", "light", "dark"], DEFAULTS.theme),
    watch: oneOf(from.watch, ["session", "all"], DEFAULTS.watch),
    watchNames: Array.isArray(from.watchNames) ? from.watchNames.filter(isKey).slice(0, MAX_WATCHED) : [],
    changesOnly: typeof from.changesOnly === "boolean" ? from.changesOnly : DEFAULTS.changesOnly,
    kinds: parseKinds(from.kinds),
    preserveLog: typeof from.preserveLog === "boolean" ? from.preserveLog : DEFAULTS.preserveLog,
    pins: parsePins(from),
    unpinned: Array.isArray(from.unpinned) ? from.unpinned.filter(isKey).slice(0, MAX_UNPINNED) : [],
    splits: parseSplits(from.splits),
    codeLanguage: oneOf(from.codeLanguage, ["ts", "js"], DEFAULTS.codeLanguage),
  };
}

function parsePins({ pins, unpinned }: Partial<Record<keyof Preferences, unknown>>): Preferences["pins"] {
  if (!Array.isArray(pins)) return DEFAULTS.pins;
  // Only earlier versions keep pins alone.
  if (unpinned === undefined && JSON.stringify(pins) === FORMER_PINS) return DEFAULTS.pins;
  return pins.filter(isKey).slice(0, MAX_PINS);
}

function parseKinds(stored: unknown): readonly Kind[] {
  if (!Array.isArray(stored)) return DEFAULTS.kinds;
  return KINDS.map(({ name }) => name).filter((name) => stored.includes(name));
}

function parseSplits(stored: unknown): Splits {
  if (typeof stored !== "object" || stored === null) return {};
  const from: Record<string, unknown> = { ...stored };
  const splits: Partial<Record<SplitName, number>> = {};
  for (const name of ["cookies", "session", "sessionHeight"] as const) {
    const size = from[name];
    if (typeof size === "number" && size > 0 && size < 10_000) splits[name] = size;
  }
  return splits;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((each) => each === value) ?? fallback;
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_PIN;
}

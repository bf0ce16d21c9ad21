/** What a session's data are about to be stored as, and the changes in it that can be made again on a newer value. */
import type { KeyLayout } from "./key-layout.ts";
import type { StoredJson } from "./stored-json.ts";

/** What `change` was given. */
export type Change = (value: unknown) => unknown;

/** Changes that are to run again on a newer value; `made`: the JSON of what they made, if it can be changed inside. */
export interface Relative {
  readonly steps: readonly Change[];
  readonly made: string | undefined;
}

/** What is about to be stored, and what stood in the place of each value. */
export interface Draft {
  readonly contents: StoredJson;
  readonly layout: KeyLayout;
  readonly values: readonly (number | string | undefined)[] | null;
  readonly deleted: ReadonlySet<string> | null;
  readonly changes: ReadonlyMap<string, Relative> | null;
  readonly cleared: boolean;
}

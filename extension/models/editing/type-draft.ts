/** Typing into a draft: its text, the name of a new key, and stepping numbers. */
import type { Signal } from "@preact/signals";
import { stepNumber } from "../../logic/json/typed-value.ts";
import type { Draft } from "./draft.ts";

/** What the fields of an editor do. Nothing happens if there is no draft. */
export function createTyping(draft: Signal<Draft | null>) {
  const change = (fields: Partial<Pick<Draft, "text" | "name">>): void => {
    if (draft.value !== null) draft.value = { ...draft.value, ...fields };
  };
  return {
    type: (text: string) => change({ text }),
    name: (name: string) => change({ name }),
    /** Adds to a number. */
    step(delta: number) {
      const current = draft.value;
      const stepped = current === null || current.kind === "string" ? null : stepNumber(current.text, delta);
      if (stepped !== null) change({ text: stepped });
    },
  };
}

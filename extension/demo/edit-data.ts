/** How the demo edits the JSON of its sessions: small data that it made itself, without numbers that JavaScript changes. */
import type { EditOperation, Json, KeyChange } from "session-bridge/protocol";
import type { JsonTools } from "./calls.ts";

type Container = Record<string, Json> | Json[];

/** Applies edits, and compares top-level keys. */
export const DEMO_JSON: JsonTools = {
  edit(dataJson, operations) {
    const data = read(dataJson);
    for (const operation of operations) apply(data, operation);
    return JSON.stringify(data);
  },
  changes(before, after) {
    const [left, right] = [read(before ?? "{}"), read(after ?? "{}")];
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => changeOf(key, left[key], right[key]) ?? []);
  },
};

function changeOf(key: string, left: Json | undefined, right: Json | undefined): KeyChange | null {
  if (JSON.stringify(left) === JSON.stringify(right)) return null;
  if (left === undefined) return { key, kind: "added" };
  return { key, kind: right === undefined ? "removed" : "changed" };
}

function read(dataJson: string): Record<string, Json> {
  const data: unknown = JSON.parse(dataJson);
  return { ...Object(data) };
}

/** A step that leads nowhere leaves the data as it is: the panel offers none. */
function apply(data: Container, operation: EditOperation): void {
  const name = operation.path.at(-1);
  const holder = operation.path.slice(0, -1).reduce<Json | undefined>(childOf, data);
  if (name === undefined || typeof holder !== "object" || holder === null) return;
  if (operation.op === "set") {
    const value: Json = JSON.parse(operation.valueJson);
    Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
  } else if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
}

function childOf(holder: Json | undefined, step: string | number): Json | undefined {
  return typeof holder === "object" && holder !== null
    ? Object.entries(holder).find(([key]) => key === String(step))?.[1]
    : undefined;
}

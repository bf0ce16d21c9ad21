/** Which entries of an object or a list are secret because of their neighbours: `{ name: "password", value: … }`. */
import { namesSecret, namesSecretInProse } from "./names.ts";

/** An object or a list, as the JSON scanner returns it. */
interface Container {
  kind: string;
  keys: readonly string[];
  items: readonly { kind: string; start: number; end: number }[];
}

/** Members that name a field, and those that hold its value. */
const NAMES: ReadonlySet<string> = new Set(
  "name key field label id param parameter header property attribute variable k type".split(" "),
);
const VALUES: ReadonlySet<string> = new Set(
  "value values val v content contents data text raw input answer current default initial plaintext body".split(
    " ",
  ),
);
/** The longest field name that is read. */
const MAX_NAME = 200;

/** True for JSON that hides nothing and is useful to see: `null`, `true`, `false`, or something empty. */
function isTelling(text: string, start: number, end: number): boolean {
  if (end - start > 5) return false;
  return ["null", "true", "false", '""', "{}", "[]"].includes(text.slice(start, end));
}

/** For each entry of the container, true if it is a secret. `isEntry` is true for a list within a list. */
export function secretItems(json: string, { kind, keys, items }: Container, isEntry: boolean): boolean[] {
  if (kind !== "object") {
    const [first] = items;
    const named = isEntry && items.length === 2 && first?.kind === "string" && namesSecret(read(json, first));
    return items.map((_, index) => named && index === 1);
  }
  const isField = items.some((item, index) => namesField(json, keys[index] ?? "", item));
  return items.map(({ start, end }, index) => {
    const key = keys[index] ?? "";
    const isSecret = namesSecret(key) || (isField && VALUES.has(key.toLowerCase()));
    return isSecret && !isTelling(json, start, end);
  });
}

function namesField(json: string, key: string, item: Container["items"][number]): boolean {
  if (item.kind !== "string" || !NAMES.has(key.toLowerCase())) return false;
  const name = read(json, item);
  if (key.toLowerCase() === "type") return name.toLowerCase() === "password";
  return key.toLowerCase() === "label" ? namesSecretInProse(name) : namesSecret(name);
}

/** A string's value; empty for one that is too long to be a name. */
function read(json: string, { start, end }: { start: number; end: number }): string {
  return end - start > MAX_NAME ? "" : String(JSON.parse(json.slice(start, end)));
}

/** How the sentences about cookies name a row of the timeline. */
import { cutText } from "../json/tree-rows.ts";
import type { RequestEntry } from "../timeline/entry.ts";
import { addressOf } from "./sent-cookies.ts";
import { sayName } from "./words.ts";

const MAX_PATH = 80;

/** `12 · POST /login`, without the number if the row has none. */
export function sayRow({ number, request }: RequestEntry): string {
  const { host, path } = addressOf(request);
  const name = sayName(`${request.method} ${cutText(host === null ? request.url : path, MAX_PATH)}`);
  return number === null ? name : `${number} · ${name}`;
}

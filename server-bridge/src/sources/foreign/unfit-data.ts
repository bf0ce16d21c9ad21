/** Data that a JavaScript app's session library would give back as others: no edit may store them. */
import { mapScalars } from "../../protocol/map-scalars.ts";
import type { ForeignData, Shape } from "./follow-request.ts";

/** Why these data would come back as others, as a sentence; null when they would not. */
export function whyUnfit(json: string, shape: Shape): string | null {
  if (!numbersOf(json).every(isJavaScriptNumber))
    return "The app keeps JavaScript's numbers, and one of these is none of them. Write it as text.";
  const data: ForeignData = JSON.parse(json);
  const kept: ForeignData = JSON.parse(shape.toJson(data));
  const own = Object.keys(data).find((key) => !Object.hasOwn(kept, key));
  return own === undefined
    ? null
    : `The library keeps its own settings under ${JSON.stringify(own)}. Take another name.`;
}

/** Every number, as it is spelled. */
function numbersOf(json: string): string[] {
  const numbers: string[] = [];
  mapScalars(json, (token) => {
    if (/^-?\d/.test(token)) numbers.push(token);
    return "";
  });
  return numbers;
}

/** False for what is too large for a number, and for a whole number that would come back as another. */
function isJavaScriptNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return value === 0 || !/^-?\d+$/.test(text) || JSON.stringify(value) === text;
}

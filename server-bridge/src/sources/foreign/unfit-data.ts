/** Data that a JavaScript app's session library would not return unchanged: no edit may store it. */
import { mapScalars } from "../../protocol/map-scalars.ts";
import type { ForeignData, Shape } from "./follow-request.ts";

/** Why this data would not be returned unchanged, as a sentence; null if it would. */
export function whyUnfit(json: string, shape: Shape): string | null {
  if (!numbersOf(json).every(isJavaScriptNumber))
    return "One of these numbers cannot be represented exactly in JavaScript, which the app uses. Write it as a string.";
  const data: ForeignData = JSON.parse(json);
  const kept: ForeignData = JSON.parse(shape.toJson(data));
  const own = Object.keys(data).find((key) => !Object.hasOwn(kept, key));
  return own === undefined
    ? null
    : `The library keeps its own settings under ${JSON.stringify(own)}. Use another name.`;
}

/** Every number, as it is written. */
function numbersOf(json: string): string[] {
  const numbers: string[] = [];
  mapScalars(json, (token) => {
    if (/^-?\d/.test(token)) numbers.push(token);
    return "";
  });
  return numbers;
}

/** False for a value that is too large for a number, and for a whole number that would be returned as another. */
function isJavaScriptNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return value === 0 || !/^-?\d+$/.test(text) || JSON.stringify(value) === text;
}

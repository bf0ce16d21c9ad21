/** Data that a JavaScript app's session library would give back as others: no edit may store them. */
import type { ForeignData, Shape } from "./follow-request.ts";

const NUMBERS = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/** Why these data would come back as others, as a sentence; null when they would not. */
export function whyUnfit(json: string, shape: Shape): string | null {
  const lost = json.match(NUMBERS)?.some((token) => token[0] !== '"' && !isJavaScriptNumber(token));
  if (lost === true)
    return "The app keeps JavaScript's numbers, and one of these is none of them. Write it as text.";
  const data: ForeignData = JSON.parse(json);
  const kept: ForeignData = JSON.parse(shape.toJson(data));
  const own = Object.keys(data).find((key) => !Object.hasOwn(kept, key));
  return own === undefined
    ? null
    : `The library keeps its own settings under ${JSON.stringify(own)}. Take another name.`;
}

/** False for what is too large for a number, and for a whole number that would come back as another. */
function isJavaScriptNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return value === 0 || !/^-?\d+$/.test(text) || JSON.stringify(value) === text;
}

/** JSON as ASCII text. */

const BEYOND_ASCII = /[\u007f-\uffff]/;
const EACH_BEYOND_ASCII = /[\u007f-\uffff]/g;

/** Everything outside 0x20–0x7e as `\uXXXX`: Django reads the payload as Latin-1, so UTF-8 would come back garbled. */
export function toAscii(json: string): string {
  if (!BEYOND_ASCII.test(json)) return json;
  return json.replace(
    EACH_BEYOND_ASCII,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One JSON string, ASCII only. */
export function quote(text: string): string {
  return toAscii(JSON.stringify(text));
}

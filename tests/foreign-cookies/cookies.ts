/** What a library set, as a browser stores it: name and value of each Set-Cookie line. */

/** One cookie of a response. */
export interface Made {
  name: string;
  value: string;
}

/** The cookies of these Set-Cookie lines. */
export function readLines(lines: readonly string[]): Made[] {
  return lines.map((line) => {
    const pair = line.split(";")[0] ?? "";
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
}

/** The data of each session, to compare a decoded cookie with. */
export const USER = { user_id: 42, name: "Ada é" };

/** More than fits into one cookie. */
export const LONG = "x".repeat(6000);

/** A password for what is sealed or signed here. */
export const SECRET = "only for these tests, fifty characters long, really so";

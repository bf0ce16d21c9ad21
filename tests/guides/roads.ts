/** The paths of a value that docs/develop.md lists. */
import { readText } from "../house/files.ts";

/** The files that the page lists under a heading of its section about paths: `On the server`, `In the panel`. */
export function readRoad(heading: string): string[] {
  const page = readText("docs/develop.md");
  const from = page.indexOf(`### ${heading}`);
  const section = page.slice(from, page.indexOf("\n#", from + 4));
  return [...section.matchAll(/`((?:server-bridge|extension|components|entrypoints)\/[\w./-]+\.tsx?)`/g)].map(
    (match) => match[1] ?? "",
  );
}

/** What a library set, as a browser stores it: name and value of each Set-Cookie line. */
import { createServer, type RequestListener } from "node:http";

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

/** The cookie of this name among those made, with the others as its siblings. */
export function pick(made: readonly Made[], name: string) {
  const found = made.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`${name} is not among ${made.map((each) => each.name).join(", ")}`);
  return { ...found, siblings: made.filter((each) => each !== found) };
}

/** The data of each session, to compare a decoded cookie with. */
export const USER = { user_id: 42, name: "Ada é" };

/** More than fits into one cookie. */
export const LONG = "x".repeat(6000);

/** A password for what is sealed or signed here. */
export const SECRET = "only for these tests, fifty characters long, really so";

/** A server on a free port. */
export async function startServer(listener: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Object(server.address());
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** The cookies that a server sets in its first response. */
export async function ask(listener: RequestListener): Promise<Made[]> {
  const server = await startServer(listener);
  const answer = await fetch(`${server.url}/`);
  server.close();
  return readLines(answer.headers.getSetCookie());
}

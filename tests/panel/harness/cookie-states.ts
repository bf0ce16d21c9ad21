/** The notices about sessions in cookies of other libraries, one state each: a copy that outlives its row, and chunks. */
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import type { HarnessState } from "./harness-state.ts";
import type { CookieName } from "./names.ts";

const LEFT_MS = 252_000;
const RECOGNISED = { framework: "Better Auth", role: "session" } as const;
const [TOKEN, COPY] = ["better-auth.session_token", "better-auth.session_data"];

/** A world in which Better Auth has deleted the row of a session and still answers from the copy in a cookie. */
export function deleteRow(world: MemoryWorld): void {
  const { hello } = world.server;
  const library = { name: "better-auth", version: "1.7.25" };
  world.server.hello = { ...hello, library, engine: library.name, cookieNames: [TOKEN] };
  world.server.acceptedUntil = world.now() + LEFT_MS;
  world.setCookies([
    fillCookie({ id: "token", name: TOKEN, value: "k3v9x0q2.sig", recognised: RECOGNISED }),
    fillCookie({
      id: "copy",
      name: COPY,
      value: "copy",
      expiresAt: world.now() + 2 * LEFT_MS,
      recognised: RECOGNISED,
    }),
  ]);
}

/** By the notices that they show. */
export const COOKIE_STATES: Readonly<Record<CookieName, HarnessState>> = {
  "accepted-from-copy": { before: deleteRow },
  "chunks-of-two-generations": {
    before(world) {
      const library = { name: "iron-session", version: "9.0.1" };
      const { hello } = world.server;
      world.server.hello = {
        ...hello,
        library,
        engine: library.name,
        cookieNames: ["app"],
        chunked: "whole",
      };
      const chunks = ["forged-b", "a"].map((value, at) =>
        fillCookie({ id: `${at}`, name: `app.${at}`, value }),
      );
      world.setCookies(chunks);
    },
    after(world) {
      const url = new URL("/save", world.url ?? "").href;
      const set = (name: string, value: string) => `${name}=${value}; Path=/; HttpOnly`;
      world.request({
        method: "POST",
        url,
        status: 200,
        setCookies: [set("app.0", "a0"), set("app.1", "a")],
      });
      world.request({
        method: "GET",
        url,
        status: 200,
        setCookies: [set("app.0", "forged-b"), set("app.1", "b1")],
      });
    },
  },
};

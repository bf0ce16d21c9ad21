/** A user with more sessions than Better Auth lists at once. */
import { afterEach, expect, it } from "vitest";
import { readTraces } from "../../sources/panel-client.ts";
import { type AuthApp, JOHN, startApp } from "./app.ts";
import { visitorOf } from "./visitor.ts";

let app: AuthApp | undefined;
afterEach(() => app?.close());

it("shows that the request that ended all of them ended its own", async () => {
  app = await startApp();
  const first = visitorOf(app.base);
  await first.post("/api/auth/sign-up/email", JOHN);
  const { internalAdapter } = await app.auth.$context;
  const { user } = (await first.get("/api/auth/get-session")).body as { user: { id: string } };
  for (let count = 0; count < 100; count += 1) await internalAdapter.createSession(user.id, false);
  const visitor = visitorOf(app.base);
  await visitor.post("/api/auth/sign-in/email", JOHN);
  const cookie = visitor.cookie();
  const path = "/api/auth/revoke-sessions";
  await visitor.post(path);
  const ended = (
    await readTraces(app.base, [cookie], (all) => all.some(({ request }) => request.path === path))
  ).find(({ request }) => request.path === path);
  expect(
    ended?.operations.filter(({ reason }) => !reason?.startsWith("another")).map(({ name }) => name),
  ).toEqual(["load", "flush"]);
});

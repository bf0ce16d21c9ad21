/** Better Auth with SQLite. john_doe is user 123. */
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";

export const port = process.env.PORT ?? 3000;
export const john = { name: "john_doe", email: "john_doe@example.com", password: "good for this demo only" };

export const auth = betterAuth({
  baseURL: `http://localhost:${port}`,
  secret: process.env.BETTER_AUTH_SECRET ?? "known to everyone, so good for this demo only",
  database: new DatabaseSync("auth.db"),
  emailAndPassword: { enabled: true },
  session: {
    additionalFields: { cart: { type: "string", required: false } },
    ...(process.env.COPIES && { cookieCache: { enabled: true, maxAge: 300 } }), // asks the database less often
  },
  databaseHooks: { user: { create: { before: async (user) => ({ data: { ...user, id: "123" } }) } } },
});

await (await getMigrations(auth.options)).runMigrations();
await auth.api.signUpEmail({ body: john }).catch(() => {}); // from the second start on, the account exists

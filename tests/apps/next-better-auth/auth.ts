/** Better Auth in Next.js, as its documentation has it, with the plugin that the bridge listens to. */
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { nextCookies } from "better-auth/next-js";
import { traceBetterAuth } from "session-bridge/sources";

export const john = { name: "john_doe", email: "john_doe@example.com", password: "good for this app only" };

export const auth = betterAuth({
  baseURL: { allowedHosts: ["localhost:*"] },
  secret: "known to everyone, so good for this app only",
  database: new DatabaseSync("auth.db"),
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  session: process.env.COPIES ? { cookieCache: { enabled: true } } : {},
  databaseHooks: { user: { create: { before: async (user) => ({ data: { ...user, id: "123" } }) } } },
  plugins: [traceBetterAuth(), nextCookies()],
});

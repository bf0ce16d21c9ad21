/** Auth.js with a database. Users log in by a link, which this app shows at /link instead of sending it. */
import NextAuth from "next-auth";
import { traceAuthJs } from "session-bridge/sources";
import { adapter } from "./adapter.ts";

export const { handlers, auth, signIn, signOut, unstable_update } = NextAuth(
  traceAuthJs({
    adapter,
    providers: [
      {
        id: "link",
        type: "email" as const,
        name: "Link",
        from: "shop@example.com",
        maxAge: 600,
        options: {},
        sendVerificationRequest: ({ url }) => void Object.assign(globalThis, { link: url }),
      },
    ],
  }),
);

/** Auth.js, as its documentation has it. With `traceAuthJs` the Sessions tab names the line that wrote a claim. */
import NextAuth from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { traceAuthJs } from "session-bridge/sources";

const user = { id: "123", name: "john_doe", email: "john@example.com" };

export const { handlers, auth, signIn, signOut, unstable_update } = NextAuth(
  traceAuthJs({
    providers: [Credentials({ credentials: { username: {} }, authorize: () => user })],
    callbacks: {
      jwt({ token, user, trigger, session }) {
        if (user) token.role = "buyer";
        if (trigger === "update") token.theme = session.theme;
        return token;
      },
    },
  }),
);

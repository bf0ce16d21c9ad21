/** next-auth 4, as its documentation has it. */
import type { AuthOptions } from "next-auth-4";
import Credentials from "next-auth-4/providers/credentials";
import { traceAuthJs } from "session-bridge/sources";

const user = { id: "123", name: "john_doe", email: "john@example.com" };

export const authOptions: AuthOptions = traceAuthJs<AuthOptions>({
  providers: [Credentials({ name: "Shop", credentials: {}, authorize: async () => user })],
  callbacks: {
    jwt({ token, user: loggedIn }) {
      if (loggedIn) token["role"] = "buyer";
      return token;
    },
  },
});

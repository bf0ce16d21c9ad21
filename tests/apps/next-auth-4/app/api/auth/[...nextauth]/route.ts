/** The requests of next-auth itself. */
import NextAuth from "next-auth-4";
import { authOptions } from "../../../../auth.ts";

const handler = NextAuth(authOptions);

export { handler as GET, handler as POST };

/** Who you are. Logging in and out are the library's own pages. */
import { getServerSession } from "next-auth-4";
import { authOptions } from "../auth.ts";

export default async function Page() {
  const session = await getServerSession(authOptions);
  return <p>{session?.user ? `Hello, ${session.user.name}.` : "Hello."}</p>;
}

/** Who you are, and what you can do. */
import { headers } from "next/headers";
import { logIn, logOut } from "../actions.ts";
import { auth } from "../auth.ts";

export default async function Page() {
  const session = await auth.api.getSession({ headers: await headers() });
  return (
    <form action={logIn}>
      <p>{session ? `Hello, ${session.user.name}.` : "Hello."}</p>
      <input type="submit" value="Log in" />
      <input type="submit" value="Log out" formAction={logOut} />
    </form>
  );
}

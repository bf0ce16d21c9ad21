/** Who you are, and what you can do. */
import { logIn, logOut, makeDark } from "../actions.ts";
import { auth } from "../auth.ts";

export default async function Page() {
  const session = await auth();
  return (
    <form action={logIn}>
      <p>{session?.user ? `Hello, ${session.user.name}.` : "Hello."}</p>
      <input type="submit" value="Log in" />
      <input type="submit" value="Make it dark" formAction={makeDark} />
      <input type="submit" value="Log out" formAction={logOut} />
    </form>
  );
}

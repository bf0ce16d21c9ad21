/** Who you are, and what you can do. */
import { addTea, logIn, logOut } from "../actions.ts";
import { getSession } from "../session.ts";

export default async function Page() {
  const { userId, cart = [] } = await getSession();
  return (
    <form action={addTea}>
      <p>{userId ? `Hello, user ${userId}. Cart: ${cart.join(", ")}` : "Hello."}</p>
      <input type="submit" value="Log in" formAction={logIn} />
      <input type="submit" value="Add tea" />
      <input type="submit" value="Log out" formAction={logOut} />
    </form>
  );
}

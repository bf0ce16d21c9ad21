/** A form whose server actions log in and out. */
import { readSession, sendCookie } from "./session.js";

async function logIn() {
  "use server";
  const session = await readSession();
  session.user = "ada";
  await session.cycleKey();
  await sendCookie(session);
}

async function logOut() {
  "use server";
  const session = await readSession();
  await session.flush();
  await sendCookie(session);
}

export default async function Page() {
  const { user } = await readSession();
  return (
    <form action={user === undefined ? logIn : logOut}>
      <p>{`user=${user};`}</p>
    </form>
  );
}

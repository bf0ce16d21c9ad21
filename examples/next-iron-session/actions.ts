/** What the buttons of the page do, as server actions. */
"use server";
import { getSession } from "./session.ts";

export async function logIn() {
  const session = await getSession();
  session.userId = 123;
  await session.save();
}

export async function addTea() {
  const session = await getSession();
  session.cart = [...(session.cart ?? []), "tea"];
  await session.save();
}

export async function logOut() {
  (await getSession()).destroy();
}

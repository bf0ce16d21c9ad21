/** What the buttons of the page do, as server actions. */
"use server";
import { signIn, signOut, unstable_update } from "./auth.ts";

export async function logIn() {
  await signIn("credentials");
}

export async function makeDark() {
  await unstable_update(Object({ theme: "dark" }));
}

export async function logOut() {
  await signOut();
}

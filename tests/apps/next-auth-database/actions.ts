/** What the buttons of the page do, as server actions. */
"use server";
import { signIn, signOut } from "./auth.ts";

export async function logIn() {
  await signIn("link", { email: "john@example.com", redirect: false });
}

export async function makeDark() {}

export async function logOut() {
  await signOut();
}

/** What the buttons of the page do, as server actions. */
"use server";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { auth, john } from "./auth.ts";

export async function logIn() {
  await auth.api.signInEmail({ body: john, headers: await headers() });
  redirect("/");
}

export async function logOut() {
  await auth.api.signOut({ headers: await headers() });
  redirect("/");
}

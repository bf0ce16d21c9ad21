/** Makes the tables and an account, and opens the bridge. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { auth, john } = await import("./auth.ts");
  await (await auth.$context).runMigrations();
  await auth.api.signUpEmail({ body: john, headers: new Headers({ host: "localhost:1" }) });
  if (process.env.NODE_ENV !== "development") return;
  const { attachBridge, betterAuth } = await import("session-bridge/attach");
  attachBridge(betterAuth(auth));
}

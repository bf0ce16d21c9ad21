/** Next.js calls `register` once when its server starts. The bridge is what the Sessions tab talks to. */
export async function register() {
  if (process.env.NODE_ENV !== "development" || process.env.NEXT_RUNTIME !== "nodejs") return;
  const { attachBridge, authJs } = await import("session-bridge/attach");
  attachBridge(authJs({ adapter: (await import("./adapter.ts")).adapter }));
}

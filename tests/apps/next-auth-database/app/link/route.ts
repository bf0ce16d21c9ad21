/** The link that a user would have been sent. */
export function GET() {
  return new Response(String(Reflect.get(globalThis, "link") ?? ""));
}

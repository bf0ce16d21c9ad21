/** A site with cookies of every kind, set once on request, for the scenarios about closing the browser. */
import { createServer } from "node:http";

const COOKIES = [
  "plain=1",
  "hidden=2; HttpOnly; SameSite=Lax",
  "strict=3; SameSite=Strict; Path=/",
  "deep=4; Path=/deep/down",
  "wide=5; Domain=shop.localhost; Path=/",
  'quoted="a b"',
  "empty=",
  "safe=6; Secure; SameSite=None",
  "apart=7; Secure; SameSite=None; Partitioned; Path=/",
  "kept=8; Max-Age=3600; HttpOnly",
  "kept-wide=9; Max-Age=7200; Domain=shop.localhost; Path=/",
];

const page = `<!doctype html><title>Jar</title><h1>Jar</h1>
<form method="post" action="/fill"><button>Fill</button></form>
<script>
  const fresh = performance.getEntriesByType("navigation")[0].type === "navigate";
  if (fresh && location.search === "?filled") sessionStorage.setItem("note", "of this tab");
</script>`;

const server = createServer((request, response) => {
  if (request.method === "POST") {
    response.writeHead(303, { location: "/?filled", "set-cookie": COOKIES }).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/html" }).end(page);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});

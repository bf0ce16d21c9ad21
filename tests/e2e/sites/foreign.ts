/** Pages of servers without our library: sessions of PHP, Flask and a JWT, and cookies that browsers refuse. */
import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64url");

/** Signed as itsdangerous does for Flask: payload, seconds in four bytes, HMAC-SHA-1. */
function flaskSession(data: object): string {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(Date.now() / 1000));
  const value = `${base64(JSON.stringify(data))}.${base64(seconds)}`;
  const key = createHmac("sha1", "dev").update("cookie-session").digest();
  return `${value}.${createHmac("sha1", key).update(value).digest("base64url")}`;
}

function jwt(claims: object): string {
  const value = `${base64(JSON.stringify({ alg: "HS256", typ: "JWT" }))}.${base64(JSON.stringify(claims))}`;
  return `${value}.${createHmac("sha256", "dev").update(value).digest("base64url")}`;
}

/** What each page sets. */
const PAGES: Record<string, () => string[]> = {
  "/php": () => [`PHPSESSID=${randomBytes(13).toString("hex")}; path=/`],
  "/flask": () => [
    `session=${flaskSession({ user_id: 123, username: "john_doe" })}; HttpOnly; Path=/; Max-Age=3600`,
  ],
  "/jwt": () => [
    `token=${jwt({ sub: "john_doe", exp: Math.floor(Date.now() / 1000) + 600 })}; HttpOnly; Path=/; Max-Age=600; SameSite=Lax`,
  ],
  "/none": () => ["kept=1; Path=/", "lost=1; Path=/; SameSite=None"],
  "/prefix": () => ["__Host-id=1; Path=/deep; Secure", "__Secure-id=1; Path=/"],
  "/large": () => [`large=${"x".repeat(5000)}; Path=/`],
  "/brim": () => [`full=${"x".repeat(4092)}; Path=/`],
  "/domain": () => ["foreign=1; Path=/; Domain=other.localhost"],
  "/tld": () => ["wide=1; Path=/; Domain=test"],
  "/secure": () => ["safe=1; Path=/; Secure"],
  "/years": () => ["long=1; Path=/; Max-Age=99999999"],
  "/unreadable": () => ["odd=1; Path=/; Expires=14 days, 0:00:00"],
  "/both": () => ["twice=1; Path=/; Max-Age=600; Expires=Wed, 01 Jan 2031 00:00:00 GMT"],
  "/agreed": () => [`agreed=1; Path=/; Max-Age=600; Expires=${new Date(Date.now() + 600_000).toUTCString()}`],
  "/past": () => ["late=1; Path=/; Expires=Mon, 01 Jan 2024 00:00:00 GMT"],
  "/first": () => ["again=1; Path=/; Max-Age=600"],
  "/second": () => ["again=2; Path=/; Max-Age=600"],
  "/longer": () => ["again=2; Path=/; Max-Age=7200"],
  "/delete": () => ["again=; Path=/; Max-Age=0"],
  "/lax": () => ["inside=1; Path=/; SameSite=Lax"],
  "/outside": () => [],
  "/deep/login": () => [],
  "/deep/sign-in": () => [`PHPSESSID=${randomBytes(13).toString("hex")}; Path=/deep`],
  "/deep/again": () => ["PHPSESSID=scripted; Path=/deep; Max-Age=7200"],
  "/deep/soon": () => ["PHPSESSID=soon; Path=/deep; Max-Age=2"],
  "/deep/set": () => ["same=1; Path=/", "same=2; Path=/deep"],
  "/deep/script": () => [],
};

/** `/put/name?["line"]`: sends these Set-Cookie headers. */
function linesOf(path: string, query: string): string[] | undefined {
  return path.startsWith("/put/") ? JSON.parse(decodeURIComponent(query)) : PAGES[path]?.();
}

const server = createServer((request, response) => {
  const [path = "/", query = "[]"] = (request.url ?? "/").split("?");
  // Node does not send such a header; other servers do.
  if (path === "/control")
    return response.socket?.end(
      "HTTP/1.1 200 OK\r\nSet-Cookie: rung=a\u0007b; Path=/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
  const set = linesOf(path, query);
  response.statusCode = path === "/" || set ? 200 : 404;
  if (set?.length) response.setHeader("set-cookie", set);
  response.setHeader("content-type", "text/html");
  const script =
    path === "/deep/script" ? '<script>document.cookie = "PHPSESSID=scripted; path=/deep"</script>' : "";
  response.end(`<!doctype html><title>${path}</title><h1>${path}</h1>${script}`);
});
server.listen(Number(process.env["PORT"] ?? 0), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : 0}`);
});

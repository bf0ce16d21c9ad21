/** The demo's two pages. Nothing here loads or changes a session: data in, HTML out. */
import type { UserSession } from "session-bridge";

/** HTML of the shop for what a visitor's session holds. */
export function page(data: Record<string, unknown>, names: string[]): string {
  return frame(`<h1>Sessions demo</h1>
    <p>Pages you opened: <b>${text(data["visits"])}</b></p>
    ${typeof data["username"] === "string" ? shop(data["username"], data["cart"]) : login(names)}`);
}

/** HTML of "Your devices". */
export function devicesPage(list: readonly UserSession[]): string {
  const others = list.filter(({ current }) => !current);
  return frame(`<h1>Your devices</h1>
    <p>You are logged in on <b>${list.length}</b> ${list.length === 1 ? "device" : "devices"}.</p>
    <ul class="devices">${list.map(device).join("")}</ul>
    ${others.length === 0 ? "" : `<form method="post" action="/devices/end-others"><button>Log out all other devices</button></form>`}
    <p><a href="/">Back to the shop</a></p>`);
}

function device({ keyId, createdAt, lastSeenAt, expiresAt, current }: UserSession): string {
  return `<li>
      <b>${current ? "This device" : "Another device"}</b><br>
      Began: ${time(createdAt)}<br>Last used: ${time(lastSeenAt)}<br>Expires: ${time(expiresAt)}
      ${
        current
          ? ""
          : `<form method="post" action="/devices/end">
        <button name="keyId" value="${text(keyId)}">Log out that device</button>
      </form>`
      }
    </li>`;
}

/** A date in the server's language and zone; a page of yours knows its visitor's. */
function time(date: Date | null): string {
  if (date === null) return "unknown";
  const words = date.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
  return `<time datetime="${date.toISOString()}">${words}</time>`;
}

function frame(main: string): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <link rel="icon" href="data:,">
  <title>Sessions demo</title>
  <style>${style}</style>
  <main>
    ${main}
    <footer>Open DevTools on the tab <b>Sessions</b> and watch what each click does to the session.</footer>
  </main>
</html>`;
}

function login(names: string[]): string {
  return `<form method="post" action="/login">
      <label>User <select name="username">${names.map((name) => `<option>${text(name)}`).join("")}</select></label>
      <label><input type="radio" name="ends" value="after an hour" checked> The session ends after an hour</label>
      <label><input type="radio" name="ends" value="with the browser"> The session ends with the browser</label>
      <button>Log in</button>
    </form>`;
}

function shop(username: string, cart: unknown): string {
  const lines = Object.entries(Object(cart)).map(
    ([item, count]) => `<li>${text(count)} × ${text(item)}</li>`,
  );
  return `<p>Hello, <b>${text(username)}</b>.</p>
    <form method="post" action="/cart">
      <button name="item" value="tea">Add tea</button> <button name="item" value="cake">Add cake</button>
    </form>
    <h2>Cart</h2>
    ${lines.length === 0 ? "<p>Nothing yet.</p>" : `<ul>${lines.join("")}</ul>`}
    <p><a href="/devices">Your devices</a></p>
    <form method="post" action="/logout"><button>Log out</button></form>`;
}

/** A value as text that HTML does not read as markup. */
function text(value: unknown): string {
  return String(value).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; background: light-dark(#f4f5f7, #1b1c1e); color: light-dark(#222, #ddd); }
  main { max-width: 26rem; margin: 2rem auto; padding: 1.5rem 2rem; border-radius: 12px;
         background: light-dark(#fff, #292a2d); box-shadow: 0 1px 4px #0003; }
  h1 { font-size: 1.4rem; margin: 0 0 1rem; } h2 { font-size: 1rem; margin: 1rem 0 0; }
  form { display: grid; gap: .5rem; margin: 1rem 0; } form[action="/cart"] { grid-auto-flow: column; }
  .devices { padding: 0; list-style: none; } .devices li { margin: 1rem 0; }
  button, select { font: inherit; padding: .3rem .8rem; }
  footer { margin-top: 1.5rem; font-size: .85rem; opacity: .75; }`;

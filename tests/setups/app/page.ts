/** The page of the small apps: buttons that log in and out with `fetch`, and what the app answered. */
export const PAGE = `<!doctype html>
<title>A small app</title>
<button type="button" onclick="ask('POST', '/api/login')">Log in</button>
<button type="button" onclick="ask('POST', '/api/logout')">Log out</button>
<button type="button" onclick="ask('GET', '/api/me')">Who am I?</button>
<output></output>
<script>
  async function ask(method, path) {
    const response = await fetch(path, { method });
    document.querySelector("output").textContent = method + " " + path + ": " + (await response.text());
  }
</script>
`;

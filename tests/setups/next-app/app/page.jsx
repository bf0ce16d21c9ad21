"use client";
/** The small app's page, made by Next: it logs in with `fetch` through a rewrite. */
import { useState } from "react";

export default function Page() {
  const [answer, setAnswer] = useState("");
  async function ask(method, path) {
    const response = await fetch(path, { method });
    setAnswer(`${method} ${path}: ${await response.text()}`);
  }
  return (
    <>
      <button type="button" onClick={() => ask("POST", "/api/login")}>
        Log in
      </button>
      <button type="button" onClick={() => ask("POST", "/api/logout")}>
        Log out
      </button>
      <button type="button" onClick={() => ask("GET", "/api/me")}>
        Who am I?
      </button>
      <output>{answer}</output>
    </>
  );
}

/** The field for a bridge's token, which is kept in memory until the browser ends. */
import { useState } from "preact/hooks";
import type { Models } from "../../../extension/models/index.ts";

/** A form of its own, so that Enter sends the token. */
export function TokenField({ models, origin }: { models: Models; origin: string }) {
  const [token, setToken] = useState("");
  return (
    <form
      class="code-line"
      onSubmit={(event) => {
        event.preventDefault();
        models.access.useToken(origin, token.trim());
      }}
    >
      <input
        class="field"
        type="password"
        aria-label="Token of the bridge"
        placeholder="SESSION_BRIDGE_TOKEN"
        autocomplete="off"
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={token.trim() === ""}>
        Use token
      </button>
    </form>
  );
}

/** The field for a bridge's token, which is kept in memory until the browser closes, for the one origin that it names. */
import { useState } from "preact/hooks";
import type { Models } from "../../../extension/models/index.ts";

interface TokenFieldProps {
  models: Models;
  /** Where the token is sent. A field for another origin is another field: give it `key={origin}`. */
  origin: string;
}

/** A separate form, so that Enter sends the token. */
export function TokenField({ models, origin }: TokenFieldProps) {
  const [token, setToken] = useState("");
  return (
    <form
      class="code-line"
      onSubmit={(event) => {
        event.preventDefault();
        models.access.useToken(origin, token.trim());
      }}
    >
      <label class="labelled-field">
        Token for <bdi>{origin}</bdi>
        <input
          class="field"
          type="password"
          aria-label={`Token for ${origin}`}
          placeholder="SESSION_BRIDGE_TOKEN"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button" disabled={token.trim() === ""}>
        Use token
      </button>
    </form>
  );
}

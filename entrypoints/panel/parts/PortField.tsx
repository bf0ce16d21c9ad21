/** The user's request to look for a remote site's bridge on a port of this machine: no port is called without it. */
import { useState } from "preact/hooks";
import { LOOPBACK_PORTS } from "session-bridge/protocol";
import type { Models } from "../../../extension/models/index.ts";

/** The ports, and a button that says which port will be called and for which site. */
export function PortField({ models, origin }: { models: Models; origin: string }) {
  const [port, setPort] = useState(LOOPBACK_PORTS[0] ?? 0);
  return (
    <form
      class="code-line"
      onSubmit={(event) => {
        event.preventDefault();
        models.access.allowPort(origin, port);
      }}
    >
      <select
        class="field"
        aria-label="Port on this machine"
        value={port}
        onChange={(event) => setPort(Number(event.currentTarget.value))}
      >
        {LOOPBACK_PORTS.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <button
        type="submit"
        class="button"
        title="Whatever answers there gets this site's session cookie over plain HTTP"
      >
        Try this machine's port {port} for <bdi>{origin}</bdi>
      </button>
    </form>
  );
}

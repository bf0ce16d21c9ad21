/** The person's word that a bridge of a site elsewhere runs on a port of this machine: no port is asked without it. */
import { useState } from "preact/hooks";
import { LOOPBACK_PORTS } from "session-bridge/protocol";
import type { Models } from "../../../extension/models/index.ts";

/** The ports, and a button that says what will be asked and for whom. */
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
        title="What answers there is sent this site's session cookie over plain HTTP"
      >
        Ask this machine's port {port} for <bdi>{origin}</bdi>
      </button>
    </form>
  );
}

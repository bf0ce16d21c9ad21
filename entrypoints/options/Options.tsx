/** The options page: which hosts the panel may read, and the way back to the tab that asked. */
import type { TargetedSubmitEvent } from "preact";
import type { SiteAccess } from "../../extension/models/site-access.ts";

interface OptionsProps {
  access: SiteAccess;
}

/** The whole page. */
export function Options({ access }: OptionsProps) {
  return (
    <main>
      <h1>Sessions DevTools</h1>
      <RequestedAccess access={access} />
      <p role="status">{access.said}</p>
      <Hosts access={access} />
      <section aria-labelledby="preferences">
        <h2 id="preferences">Preferences</h2>
        <p>Theme, filters and pane sizes are chosen in the panel and kept on this computer.</p>
        <button type="button" onClick={() => access.resetPreferences()}>
          Reset preferences
        </button>
      </section>
    </main>
  );
}

/** The site that the panel asked for, and the way back to it. */
function RequestedAccess({ access }: OptionsProps) {
  const origin = access.wanted.value;
  const { goBack } = access;
  return (
    <section aria-label="Requested access" class="wish">
      {origin !== null && (
        <p>
          The panel wants to read the cookies and the requests of <strong>{origin}</strong>, and of no other
          site.
        </p>
      )}
      {origin !== null && (
        <button type="button" class="main" onClick={() => access.allow(origin)}>
          Allow on {new URL(origin).host}
        </button>
      )}
      {goBack && (
        <button type="button" onClick={() => goBack()}>
          Back to the inspected tab
        </button>
      )}
    </section>
  );
}

/** Hosts that are allowed, each with a button to withdraw access, and a field for one more. */
function Hosts({ access }: OptionsProps) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const host = new FormData(event.currentTarget).get("host");
    if (typeof host === "string" && host !== "") void access.allow(host.trim());
  };
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts">Hosts the panel may read</h2>
      <p>Cookies and requests are read only while DevTools is open on a tab. Nothing leaves this computer.</p>
      <ul>
        {access.hosts.value.map((pattern) => (
          <li key={pattern}>
            <code>{pattern}</code>
            <button type="button" aria-label={`Withdraw ${pattern}`} onClick={() => access.withdraw(pattern)}>
              Withdraw
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <label>
          Host <input name="host" placeholder="app.test" autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">Allow</button>
      </form>
    </section>
  );
}

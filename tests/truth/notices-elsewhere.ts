/** The notices that `browser-notices.ts` does not play. */

/** Notices whose plays are scenarios of `npm test` or of other pairs, or that no browser plays, and why. */
export const NOTICES_ELSEWHERE: Readonly<Record<string, { scenario: string } | { not: string }>> = {
  "closed-page": { scenario: "a browser page that is opened after a site shows nothing of that site" },
  "no-server": { not: "browsers open files to extensions by a setting of each extension only" },
  "no-access": { scenario: "withdrawn access shows a notice, and the options page grants it again" },
  "page-not-readable": { not: "a browser that tells no address is one that is busy or pinned by policy" },
  "other-bridge": {
    scenario: "a token is requested for the page's own origin by its name, and is sent only there (T28)",
  },
  "proves-nothing": { not: "of the libraries' own set-ups none shows it by mistake; tests/panel plays it" },
  "separate-bridge-away": {
    not: "of a Django site whose command has just stopped, until its next response",
  },
  "separate-bridge-unproven": {
    not: "a Django site whose command was started again, until the next response",
  },
  "store-not-readable": {
    not: "a Django site on LocMemCache has it; tests/django-package/shown-in-panel.test.ts plays it",
  },
  "stored-not-decoded": { not: "no site stores in its cache what it cannot read itself" },
  "not-sent-here": { not: "a cookie of another path is chosen by hand; tests/panel plays it" },
  "chunks-of-two-generations": {
    scenario: "chunks of two responses are named, with the response that set each of them",
  },
  "accepted-from-copy": {
    not: "Better Auth deletes the row and keeps its copy; tests/panel plays the notice on such an answer",
  },
  "settings-differ": {
    scenario:
      "a secret that differs from the app's is reported in the panel and on the terminal, and the login still works",
  },
  "not-verified": {
    scenario:
      "a tampered cookie is not reported as a wrong secret: the bridge says which cookie it could not verify",
  },
  "stored-not-readable": { not: "no site stores what its own secret does not fit" },
  "another-cookie": { scenario: "a cookie that the bridge does not read is named if it reads no other" },
  "needs-allow-remote": { scenario: "an app in a container needs the two lines that its notice gives" },
  "needs-host": {
    scenario: "an app under a name of its user's own needs the line that its notice gives",
  },
  "closed-by-proxy": {
    scenario: "a bridge that closed itself for a proxy's clients is reached with a token, on localhost",
  },
  "caller-unknown": { scenario: "an app on a Unix socket is reached once it has a port" },
  "certificate-not-accepted": {
    scenario: "an app with its own certificate behind Vite is reached once the user has accepted it",
  },
  "port-unreachable": {
    scenario: "an app on another machine is reached once its own port is forwarded, too",
  },
  "port-of-another": {
    scenario:
      "an app on another machine whose port another server has here is reached once that server has stopped",
  },
  "open-directly": {
    scenario: "an app behind nginx under a name of its user's own is opened on localhost",
  },
  "in-between": {
    scenario: "an app in a container behind the nginx that serves its page is opened at its own address",
  },
  "not-seen-yet-by-panel": {
    scenario: "DevTools that opened late has to see the page's responses: the notice reloads the page",
  },
  "only-dev-server": {
    scenario: "behind Vite the app is found by its first response, after a reload",
  },
  "not-seen-yet": { not: "one request later it is over; tests/extension/models plays it" },
  "read-refused": {
    not: "a bridge that refuses a read has already refused its hello, except for a short time",
  },
  "read-without-access": { not: "access that is taken away ends the whole link" },
  "read-unanswered": { not: "a server that is down ends the whole link almost immediately" },
  "read-by-no-bridge": { not: "the bridge would have to go between two calls of one link" },
  "read-not-understood": { not: "no version of a bridge answers so; tests/extension/ports plays it" },
  "row-is-note": { not: "a note cannot be chosen by pointer or keys" },
  "row-unproven": { not: "as proves-nothing" },
  "row-from-cache": {
    scenario:
      "a cached response changes nothing and says so, and one that the server revalidates counts as the server's",
  },
  "row-failed": { scenario: "a request that the page cancels still shows what its handler did" },
  "row-incomplete": { not: "as the chip incomplete: tests/sources has each of its reasons" },
  "row-trace-withheld": {
    scenario:
      "a secret that differs from the app's is reported in the panel and on the terminal, and the login still works",
  },
  "row-nothing-stored": { not: "of the libraries that are only seen at their store, tests/sources has each" },
  "row-left-stored": { not: "as row-nothing-stored" },
  "row-trace-gone": { not: "a log that drops a trace within seconds; tests/extension/models plays it" },
  "row-trace-awaited": { not: "it lasts for milliseconds" },
  "only-hidden-values": { not: "what stands for a hidden value differs where the value does" },
  "too-large-to-compare": { not: "a session of a megabyte takes a browser minutes" },
  "cookies-unread": { not: "a browser that fails to list cookies; tests/panel plays it" },
  "frames-unknown": {
    scenario:
      "the cookie of a frame inside a cross-origin frame is listed or reported as missing when DevTools opens late",
  },
  "candidates-held": {
    scenario: "an unknown cookie that is named like a session cookie is offered, and can be watched",
  },
  "candidates-gone": { not: "the browser's list lags behind a response only briefly" },
  "cookies-denied": { not: "its text is that of no-access, which is played" },
  "rows-hidden-twice": { not: "kinds-hidden and rows-hidden in one, which are played" },
  "history-empty": { not: "a file is chosen in a dialog of the system" },
  "history-shown": { not: "a file is chosen in a dialog of the system" },
  "cookies-unread-now": { not: "as cookies-unread" },
  "not-an-object": { not: "no library stores a session that is no object" },
};

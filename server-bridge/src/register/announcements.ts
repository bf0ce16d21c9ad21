/**
 * What `register` prints: which session library it recognised, or that it recognised none.
 *
 * `NODE_OPTIONS` loads `register` into npm and every other program that the app's start runs through. So nothing is printed
 * before a web server of this process listens, and nothing at all where none does.
 */

/** What happens in the process, as far as a line depends on it. */
interface Announcements {
  /** The app has loaded a library that is known; its options are not known yet. @param named its name and version */
  loaded(named: string): void;
  /** The bridge was opened over a library's sessions, or could not be. */
  say(line: string): void;
  /** The app has loaded an entry of this package. */
  ours(entry: string): void;
  /** A web server of this process listens. */
  listening(): void;
  /** A server of node:http2 listens, which register does not serve. */
  listeningOnHttp2(): void;
}

/** @param known names of the libraries that are recognised */
export function createAnnouncements(known: readonly string[], print: (line: string) => void): Announcements {
  const waiting = new Set<string>();
  const printed = new Set<string>();
  const libraries = new Set<string>();
  const entries = new Set<string>();
  let isListening = false;
  const printOnce = (line: string) => {
    if (!printed.has(line)) print(line);
    printed.add(line);
  };
  return {
    loaded: (named) => libraries.add(named),
    ours: (entry) => entries.add(entry),
    say(line) {
      if (isListening) printOnce(line);
      else waiting.add(line);
    },
    listening() {
      if (isListening) return;
      isListening = true;
      for (const line of waiting) printOnce(line);
      const hasLine = entries.has("session-bridge/bridge");
      if (waiting.size === 0 && !hasLine) printOnce(nothingYet([...libraries], entries, known));
    },
    listeningOnHttp2() {
      if (!entries.has("session-bridge/bridge")) printOnce(HTTP2);
    },
  };
}

const HTTP2 =
  'the app listens with node:http2, which session-bridge/register does not serve. Add openBridge(…) before the session middleware, in Fastify as app.addHook("onRequest", openBridge(…).fastify).';

/** What to say of an app that listens and has called no library. */
function nothingYet(
  libraries: readonly string[],
  entries: ReadonlySet<string>,
  known: readonly string[],
): string {
  if (libraries.length > 0) {
    const next =
      libraries.length === 1
        ? "What the Sessions tab can read is known when the app calls it."
        : "The Sessions tab shows the one that the app calls first; what it can read is known then.";
    return `${libraries.join(" and ")} recognised. ${next}`;
  }
  if (entries.has("session-bridge"))
    return "the app's sessions are those of session-bridge, which register does not show. Add the line app.use(openBridge(sessions)), before the session middleware.";
  return `no session library recognised so far. session-bridge/register knows ${toList(known)}, when the app loads them by their names. For any other app add the line app.use(openBridge(…)), before the session middleware.`;
}

function toList(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

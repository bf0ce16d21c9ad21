/** With the package on and a bridge next to it, each response is the same as without, byte for byte, except for one header. */
import { describe, expect, it } from "vitest";
import { type DjangoSeries, hasDjango } from "../interop/django-packages.ts";
import { startCommand } from "./command.ts";
import { VIEWS } from "./pages.ts";
import { ADMIN, type Site, type SiteServer, startSite } from "./site.ts";
import { type Answer, headerOf, type Visitor, visit } from "./visitor.ts";

const ALL = process.env["SESSIONS_FIELD"] === "true";
const SERVERS: readonly SiteServer[] = ["runserver", "gunicorn", "uvicorn", "daphne"];
const ENGINES = ["db", "cached_db", "cache", "file", "signed_cookies"];

const SETTINGS = `
SECRET_KEY = "one secret for both sites of this test, which signs nothing else"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cache"}}
SESSION_FILE_PATH = str(BASE_DIR)
`;

const EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";

/** Everything that a visitor does. */
const STORY: readonly ((visitor: Visitor) => Promise<Answer>)[] = [
  (visitor) => visitor.get("/static-page/"),
  (visitor) => visitor.get("/cart/"),
  (visitor) => visitor.get("/cart/"),
  (visitor) => visitor.get("/admin/"),
  (visitor) => visitor.get("/admin/login/?next=/admin/"),
  (visitor) => visitor.post("/admin/login/?next=/admin/", { ...ADMIN, next: "/admin/" }),
  (visitor) => visitor.get("/admin/"),
  (visitor) => visitor.get("/unmarked/"),
  (visitor) => visitor.get("/broken/"),
  (visitor) => visitor.get("/stream/"),
  (visitor) => visitor.get("/no-such-page/", { Accept: "application/json" }),
  (visitor) => visitor.get("/cart/", { "If-None-Match": '"x"' }),
  // the bridge is not in the site: a call gets what any unknown path gets
  (visitor) => visitor.get("/__sessions/v1/hello", { Origin: EXTENSION }),
  (visitor) => visitor.post("/__sessions/v1/session", { protocol: "1" }),
  (visitor) => visitor.post("/admin/logout/", {}),
  (visitor) => visitor.get("/cart/"),
];

interface Combination {
  series: DjangoSeries;
  server: SiteServer;
  engine: string;
}

const SMALL: readonly Combination[] = [
  { series: "3.2", server: "gunicorn", engine: "db" },
  { series: "5.2", server: "runserver", engine: "cached_db" },
  { series: "5.2", server: "uvicorn", engine: "db" },
];
const WHOLE = (["3.2", "5.2"] as const).flatMap((series) =>
  SERVERS.flatMap((server) => ENGINES.map((engine) => ({ series, server, engine }))),
);
const there = (await hasDjango("3.2")) && (await hasDjango("5.2"));

describe.skipIf(!there)("Responses with the package and without", () => {
  it.each(ALL ? WHOLE : SMALL)(
    "are the same: Django $series, $server, engine $engine",
    async ({ series, server, engine }) => {
      const options = { series, server, engine, settings: SETTINGS, files: VIEWS };
      const sites = await Promise.all([startSite({ ...options, withPackage: false }), startSite(options)]);
      try {
        await compare(...sites);
      } finally {
        await Promise.all(sites.map((site) => site.stop()));
      }
    },
    90_000,
  );
});

async function compare(off: Site, on: Site): Promise<void> {
  const command = await startCommand(on);
  try {
    const [first, second] = [visit(off.url), visit(on.url)];
    for (const [at, step] of STORY.entries()) {
      const [without, with_] = [await step(first), await step(second)];
      expect(headerOf(without, "Session-Trace"), `step ${at}`).toBeUndefined();
      expect(headerOf(with_, "Session-Trace"), `step ${at}: ${with_.status}`).toMatch(
        new RegExp(`^v=1;id=[\\w-]{22};at=${command.port}$`),
      );
      expect(toPlain(with_), `step ${at}`).toEqual(toPlain(without));
    }
  } finally {
    await command.stop();
  }
}

/** What must be equal: random values, times and the sites' own ports are named alike, and the one header is left out. */
function toPlain({ status, headers, body }: Answer): unknown {
  return {
    status,
    headers: headers
      .filter(([name]) => name.toLowerCase() !== "session-trace")
      .map(([name, value]) => `${name}: ${sayAlike(value)}`),
    body: sayAlike(body),
  };
}

function sayAlike(text: string): string {
  return text
    .replace(/(sessionid|csrftoken)=[^;]+/g, "$1=RANDOM")
    .replace(/name="csrfmiddlewaretoken" value="\w+"/g, "TOKEN")
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "DATE")
    .replace(/localhost:\d+/g, "SITE");
}

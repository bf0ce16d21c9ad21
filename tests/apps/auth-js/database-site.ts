/** A site on Auth.js that keeps its sessions in PostgreSQL, through the library's own adapter; users log in by a link. */
import type { AuthConfig } from "@auth/core";
import PostgresAdapter from "@auth/pg-adapter";
import { Pool } from "pg";
import { makeAuthDatabase } from "./auth-database.ts";
import type { Browser } from "./browser.ts";
import { type Site, startFive } from "./sites.ts";

/** The site, its database, and the links that it would have sent. */
export interface DatabaseSite extends Site {
  pool: Pool;
  adapter: ReturnType<typeof PostgresAdapter>;
  /** Logs a user in by the link that they are sent. */
  logIn(browser: Browser, email: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on an empty database. @param traced our lines; without them there is no bridge */
export async function startOnPostgres({
  traced = true,
  config = {},
}: {
  traced?: boolean;
  config?: Partial<AuthConfig>;
} = {}): Promise<DatabaseSite> {
  const place = await makeAuthDatabase();
  const pool = new Pool({ connectionString: place.address });
  // the database may be dropped before the last connection has ended, whose idle clients tell the pool
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const adapter = PostgresAdapter(pool);
  const links = new Map<string, string>();
  const site = await startFive({
    ...(traced ? { bridge: { adapter } } : {}),
    config: {
      adapter,
      session: { maxAge: 3600, updateAge: 0 },
      callbacks: {},
      providers: [
        {
          id: "link",
          type: "email",
          name: "Link",
          from: "shop@example.com",
          maxAge: 600,
          options: {},
          sendVerificationRequest({ identifier, url }) {
            links.set(identifier, url);
          },
        },
      ],
      ...config,
    },
  });
  return {
    ...site,
    pool,
    adapter,
    async logIn(browser, email) {
      await browser.ask("/api/auth/signin/link", { csrfToken: await browser.csrf(), email });
      const { pathname, search } = new URL(links.get(email) ?? "http://nothing.was/sent");
      await browser.ask(pathname + search);
    },
    async stop() {
      site.close();
      await pool.end();
      await place.remove();
    },
  };
}

/** A Django site with `django.contrib.auth` that records what each request did to the session. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DjangoSite, startDjangoSite } from "./django.ts";

/** What a request did, as recorded by the site. */
export interface DjangoTruth {
  method: string;
  url: string;
  /** Top-level keys whose values changed. */
  changed: string[];
  /** There was a session before, and none after. */
  gone: boolean;
  newKey: boolean;
}

/** The site, and what it has recorded so far. */
export interface LoginSite extends DjangoSite {
  truth(): Promise<DjangoTruth[]>;
}

/** Who can log in. */
export const USER = { name: "ada", password: "lovelace-1815" };

/** Starts it. */
export async function startLoginSite(): Promise<LoginSite> {
  let file = "";
  const site = await startDjangoSite({
    folder: "tests/e2e/sites/django-logins",
    settings: "loginsite.settings",
    environment(folder) {
      file = join(folder, "truth.jsonl");
      return { SITE_DATABASE: join(folder, "db.sqlite3"), SITE_TRUTH: file };
    },
    prepare: `from django.contrib.auth.models import User; User.objects.create_user("${USER.name}", password="${USER.password}")`,
  });
  return {
    ...site,
    async truth() {
      const lines = (await readFile(file, "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as DjangoTruth); // as `loginsite/truth.py` writes it
    },
  };
}

/** A session table whose copies are believed at once: a new one would first be distrusted for some seconds. */
import { postgresTable } from "../../../server-bridge/src/core/engines/databases/table.ts";
import { nameTable } from "../../../server-bridge/src/core/engines/databases/table-name.ts";
import { askPostgres } from "./servers.ts";

/** The epoch that `trustCopies` begins. */
const EPOCH = "test";

/** Creates Django's table in an empty PostgreSQL database, with the row that says that its copies can be believed. */
export async function trustCopies(address: string): Promise<void> {
  await askPostgres(postgresTable(nameTable("postgres", {})), address);
  await askPostgres(
    `INSERT INTO "django_session" VALUES ('epoch', 'cache:trusted:${EPOCH}', '9999-01-01T00:00:00Z')`,
    address,
  );
}

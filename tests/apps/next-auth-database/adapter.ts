/** Sessions in PostgreSQL. */
import PostgresAdapter from "@auth/pg-adapter";
import { Pool } from "pg";

export const adapter = PostgresAdapter(new Pool({ connectionString: process.env.DATABASE_URL }));

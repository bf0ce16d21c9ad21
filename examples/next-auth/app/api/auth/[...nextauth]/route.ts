/** The requests of Auth.js itself. */
import { handlers } from "../../../../auth.ts";

export const { GET, POST } = handlers;

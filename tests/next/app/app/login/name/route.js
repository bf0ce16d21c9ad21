/** The session that a server action wrote, read from the header by the adapter for fetch. */
import { withSession } from "session-bridge/fetch";
import { sessions } from "../session.js";

export const dynamic = "force-dynamic";

export const GET = withSession(sessions, (_request, { session }) => new Response(`user=${session.user};`));

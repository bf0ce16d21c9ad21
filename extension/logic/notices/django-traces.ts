/** How a Django site gets a bridge that reports each request: the lines to copy, and the sentences around them. */
import { isDjango } from "../of-library.ts";
import type { CopyLine } from "./notice.ts";

/** As in the package's own documentation. */
const SETTINGS = `if DEBUG:
    INSTALLED_APPS += ["session_bridge"]
    MIDDLEWARE.insert(0, "session_bridge.middleware.SessionBridgeMiddleware")`;

/** In a checkout, in which the command finds the bridge: neither package is on its registry yet, where anyone could take the name. */
const PACKAGE = "/path/to/sessions-devtools/server-bridge/django-package";

/** The origins for which the command reads if none is named. */
const USUAL_ORIGINS: readonly string[] = ["http://localhost:8000", "http://127.0.0.1:8000"];

/** What to do with `djangoLines`. */
export const DJANGO_STEPS =
  "Install the package from a checkout of Sessions DevTools, put the lines that begin with if DEBUG at the end of settings.py, restart the site, and run manage.py session_bridge in the site's folder, where it keeps running. It needs Node 22.13 or later.";

/** Next to a bridge that only reads what is stored: what each request did is not known. */
export const DJANGO_TRACES = `To see what each request does, let the site report it. ${DJANGO_STEPS}`;

/** Next to a bridge that takes reports, of which none came about a request. */
export const DJANGO_UNREPORTED =
  "If no request of the site is reported, put session_bridge.middleware.SessionBridgeMiddleware first in its MIDDLEWARE and restart it. What runserver answers without MIDDLEWARE, such as static files, is never reported.";

/** What to copy, in this order. @param origin of the page's server */
export function djangoLines(origin: string): readonly CopyLine[] {
  const named = USUAL_ORIGINS.includes(origin) ? "" : ` --for ${quoteOrigin(origin)}`;
  return [
    { text: `pip install -e ${PACKAGE}`, what: "the command that installs the package" },
    { text: SETTINGS, what: "the lines for settings.py" },
    { text: `python manage.py session_bridge${named}`, what: "the command for Django" },
  ];
}

/** True if this bridge reads the sessions of a Django site and receives no reports about its requests. */
export function lacksReports(
  bridge: { capabilities: readonly string[]; library?: { name: string } | undefined } | null | undefined,
): boolean {
  return !!bridge && isDjango(bridge.library?.name) && !bridge.capabilities.includes("traces");
}

/** Brackets of an IPv6 address mean something else to some shells. */
function quoteOrigin(origin: string): string {
  return origin.includes("[") ? `"${origin}"` : origin;
}

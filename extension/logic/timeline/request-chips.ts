/** What a row says in chips of its request itself, where that is not as it seems: its answer was not made for it, or never came. */
import { type ChipRule, chip } from "./chip.ts";
import type { RequestEntry } from "./entry.ts";

export const REQUEST_CHIPS: readonly ChipRule<RequestEntry>[] = [
  {
    name: "from-cache",
    tell: ({ request }) =>
      request.fromCache
        ? [chip("dim", "from cache", "The browser answered from its cache: the server was not asked")]
        : [],
  },
  {
    name: "by-likeness",
    tell: ({ traceByLikeness }) =>
      traceByLikeness
        ? [
            chip(
              "dim",
              "unanswered",
              "No answer came that names what the server did. Of this tab's requests without one, only this fits its method, path and time",
            ),
          ]
        : [],
  },
];

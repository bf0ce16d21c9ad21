/** Chips about the request itself, if it is not what it seems: its response was not made for it, or never came. */
import { type ChipRule, chip } from "./chip.ts";
import type { RequestEntry } from "./entry.ts";

export const REQUEST_CHIPS: readonly ChipRule<RequestEntry>[] = [
  {
    name: "from-cache",
    tell: ({ request }) =>
      request.fromCache
        ? [chip("dim", "from cache", "The browser answered from its cache: the server got no request")]
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
              "No response came that names what the server did. Of this tab's requests without one, only this one fits its method, path and time",
            ),
          ]
        : [],
  },
];

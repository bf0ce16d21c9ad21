/** Turns of phrase that the project has dropped, each with what to write instead; see `docs/words.md`. */

/** One turn. */
export interface Turn {
  pattern: RegExp;
  instead: string;
}

/** Words first, then phrases, then what reads like another language's grammar. */
export const DROPPED_TURNS: readonly Turn[] = [
  { pattern: /\bnobody('s)?\b/i, instead: "no one" },
  { pattern: /\banew\b/i, instead: "again, or new" },
  { pattern: /\bwhoever\b/i, instead: "anyone who, or if someone" },
  { pattern: /\bbeside\b/i, instead: "next to" },
  { pattern: /\bmoments?\b/i, instead: "datetime, date or time" },
  { pattern: /\b(he|his|him|himself|she|hers?|herself)\b(?!")/i, instead: "they, their, them" },
  { pattern: /\b(tells?|told|telling) of\b/i, instead: "reports, or says" },
  { pattern: /\b(speaks?|spoke|spoken|speaking) of\b/i, instead: "is about, or mentions" },
  {
    pattern:
      /\bof (its|their|our|your|my) own\b(?=$|[^ \w-]| (and|or|that|which|who|whose|to|for|in|on|with|under|from|is|are|has|by|at|so|but|where|when)\b)/i,
    instead: "its own X, or a separate X",
  },
  {
    pattern:
      /\bnot any more\b|\b(is|are|was|do|does|did|has|have|can|will|would)(n't| not) [^.;:]{0,40}\bany more\b/i,
    instead: "no longer",
  },
  { pattern: /\bbut for\b/i, instead: "except" },
  { pattern: /\b(lets?|letting) go\b/i, instead: "remove, drop, forget or close" },
  { pattern: /\bbelongs? into\b/i, instead: "belongs in" },
  { pattern: /\bwithout end\b/i, instead: "endless, or forever" },
  { pattern: /\bcomes? near\b/i, instead: "name what happens" },
  { pattern: /\bmakes? of (it|this|that|them)\b/i, instead: "does with" },
  { pattern: /\b(is|are|was|were|be) dear\b|\bdear (call|system|opera)/i, instead: "slow, or expensive" },
  { pattern: /\bsome \d/i, instead: "about, or up to" },
  { pattern: /\bby (the user's|your|their) word\b/i, instead: "on request, or if the user says so" },
  { pattern: /\bso far as\b/i, instead: "as far as, or if" },
  {
    pattern: /\bends? (of|for) (a|the|its|their|this|that) (sessions?|cookies?)\b/i,
    instead: "the expiry of",
  },
  { pattern: /\b(session|cookie)s?'s? ends?\b/i, instead: "its expiry" },
  { pattern: /\bno end is (stored|set|known)\b/i, instead: "how long it lasts, as far as that is known" },
];

/** What a reader copies from the notice, for tests that put it into an app. */
import { howToAdd } from "../../../../extension/logic/notices/add-bridge.ts";
import type { PageSigns, SessionCookie } from "../../../../extension/logic/notices/page-server.ts";

/** The texts in their order. @param language of the app; some frameworks have one text for both */
export function offeredTexts(signs: PageSigns, language: "ts" | "js" = "ts"): string[] {
  const { lines = [] } = howToAdd(signs, "http://localhost:3000");
  return lines.flatMap((line) =>
    line.language === undefined || line.language === language ? [line.text] : [],
  );
}

/** Signs of a page's server, for `offer`. */
interface Seen {
  server?: string[];
  framework?: string;
  name?: string;
  value?: string;
}

/** The sentence, the lines, and all lines as one text. */
export function offer({ server = [], framework, name = "sid", value = "" }: Seen) {
  const cookie: SessionCookie | null = framework === undefined ? null : { framework, name, value };
  const { sentence, lines = [] } = howToAdd({ server, cookie }, "http://localhost:8000");
  return { sentence, lines, text: lines.map(({ text }) => text).join("\n") };
}

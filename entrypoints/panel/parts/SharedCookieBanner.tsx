/** Says that two apps on one host overwrite each other's session cookie, and how to stop that. */
import { Banner } from "../../../components/notice/Banner.tsx";
import { SHARED_COOKIE } from "../../../extension/logic/notices/banner-notices.ts";
import type { Models } from "../../../extension/models/index.ts";
import { runAction } from "./run-action.ts";

/** The line above the panes, until it is dismissed. */
export function SharedCookieBanner({ models }: { models: Models }) {
  const text = SHARED_COOKIE.tell(models.connection.shared.value);
  if (text === null) return null;
  const { title, sentence, button } = text;
  return <Banner label={title} text={sentence} button={button} onButton={() => runAction(models, text)} />;
}

/** Says that two apps of one host overwrite each other's session cookie, and what ends it. */
import { Banner } from "../../../components/notice/Banner.tsx";
import { SHARED_COOKIE } from "../../../extension/logic/notices/banner-notices.ts";
import type { Models } from "../../../extension/models/index.ts";
import { runAction } from "./run-action.ts";

/** The line above the panes, until it was read. */
export function SharedCookieBanner({ models }: { models: Models }) {
  const text = SHARED_COOKIE.tell(models.connection.shared.value);
  if (text === null) return null;
  const { title, sentence, button } = text;
  return <Banner label={title} text={sentence} button={button} onButton={() => runAction(models, text)} />;
}

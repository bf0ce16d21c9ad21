/** The line above the panes: a saved history is shown, the server is away, or cookies cannot be read. */
import { Banner } from "../../../components/notice/Banner.tsx";
import { BANNERS } from "../../../extension/logic/notices/banner-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import type { Models } from "../../../extension/models/index.ts";
import { linkFacts } from "./notice-facts.ts";
import { runAction } from "./run-action.ts";

/** The most important of the three, or nothing. */
export function ProblemBanner({ models }: { models: Models }) {
  const text = firstNotice(BANNERS, {
    ...linkFacts(models),
    fromFile: models.exchange.opened.value !== null,
    failure: models.cookies.failure.value,
  });
  if (text === null) return null;
  return (
    <Banner
      text={
        <>
          <strong>{text.title}</strong> {text.sentence}
        </>
      }
      button={text.button}
      onButton={() => runAction(models, text)}
    />
  );
}

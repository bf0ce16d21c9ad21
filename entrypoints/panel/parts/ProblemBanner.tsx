/** The line above the panes: a saved history is shown, the server is away, or cookies cannot be read. */
import { Banner } from "../../../components/notice/Banner.tsx";
import { lost } from "../../../extension/logic/notices.ts";
import type { Models } from "../../../extension/models/index.ts";
import { runAction } from "./run-action.ts";

/** The most telling of the three, or nothing. */
export function ProblemBanner({ models }: { models: Models }) {
  if (models.exchange.opened.value !== null) {
    return (
      <Banner
        text="A saved history is shown, read-only. The tab goes on being recorded."
        button="Close history"
        onButton={models.exchange.close}
      />
    );
  }
  const link = models.connection.current.value;
  const state = link?.state.value;
  if (link && state?.state === "lost" && state.hello !== null) {
    const seconds = Math.max(0, Math.ceil((state.retryAt - models.clock.now.value) / 1000));
    const text = lost(link.origin.value, state.since, seconds);
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
  const failure = models.cookies.failure.value;
  if (failure === null) return null;
  return (
    <Banner
      text={`Cookies could not be read: ${failure}`}
      button="Try again"
      onButton={() => models.cookies.reload()}
    />
  );
}

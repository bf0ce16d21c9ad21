/** Says that two apps of one host overwrite each other's session cookie, and what ends it. */
import { Banner } from "../../../components/notice/Banner.tsx";
import { sharedCookieText } from "../../../extension/logic/shared-cookies.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The line above the panes, until it was read. */
export function SharedCookieBanner({ models }: { models: Models }) {
  const shared = models.connection.shared.value;
  if (shared === null) return null;
  return (
    <Banner
      label="Shared cookie"
      text={sharedCookieText(shared)}
      button="Got it"
      onButton={() => models.connection.dismissShared()}
    />
  );
}

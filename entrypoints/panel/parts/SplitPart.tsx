/** The lines between panes, which can be dragged or moved by keys; their places are kept. */
import type { RefObject } from "preact";
import { Split } from "../../../components/common/Split.tsx";
import type { Models } from "../../../extension/models/index.ts";

interface SplitPartProps {
  models: Models;
  app: RefObject<HTMLElement | null>;
  which: "split1" | "split2";
}

export function SplitPart({ models, app, which }: SplitPartProps) {
  const { splits } = models.preferences.value.value;
  const first = which === "split1";
  return (
    <Split
      class={which}
      label={first ? "Width of the cookies" : "Size of the session"}
      target={app}
      pane={first ? ".cookies" : ".session"}
      end={!first}
      sizes={first ? { x: splits.cookies, y: undefined } : { x: splits.session, y: splits.sessionHeight }}
      variables={first ? { x: "--cookies-width", y: null } : { x: "--session-width", y: "--session-height" }}
      onResize={(axis, size) => {
        if (first) models.preferences.resize("cookies", size);
        else models.preferences.resize(axis === "x" ? "session" : "sessionHeight", size);
      }}
    />
  );
}

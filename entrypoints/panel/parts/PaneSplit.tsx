/** The lines between panes, which can be dragged or moved by keys; their positions are kept. */
import type { RefObject } from "preact";
import { Split } from "../../../components/common/Split.tsx";
import type { Models } from "../../../extension/models/index.ts";

interface PaneSplitProps {
  models: Models;
  app: RefObject<HTMLElement | null>;
  which: "split1" | "split2";
}

/** One of the two lines: `split1` sizes the cookies, `split2` the session. */
export function PaneSplit({ models, app, which }: PaneSplitProps) {
  const { value, resize } = models.preferences;
  const { splits } = value.value;
  if (which === "split1") {
    return (
      <Split
        class={which}
        label="Width of the cookies"
        target={app}
        pane=".cookies"
        end={false}
        sizes={{ x: splits.cookies, y: undefined }}
        variables={{ x: "--cookies-width", y: null }}
        onResize={(_, size) => resize("cookies", size)}
      />
    );
  }
  return (
    <Split
      class={which}
      label="Size of the session"
      target={app}
      pane=".session"
      end={true}
      sizes={{ x: splits.session, y: splits.sessionHeight }}
      variables={{ x: "--session-width", y: "--session-height" }}
      onResize={(axis, size) => resize(axis === "x" ? "session" : "sessionHeight", size)}
    />
  );
}

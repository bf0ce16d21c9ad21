/** The line that says what was done last, and offers the way back. */
import { Toast } from "../../../components/common/Toast.tsx";
import type { Models } from "../../../extension/models/index.ts";

export function ToastPart({ models }: { models: Models }) {
  const { undo } = models;
  const offered = undo.offered.value;
  if (offered === null) return null;
  return (
    <Toast
      text={offered.text}
      undo={offered.undo}
      busy={undo.busy.value}
      onUndo={() => undo.undo()}
      onClose={undo.dismiss}
    />
  );
}

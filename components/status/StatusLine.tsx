/** The line at the bottom: how much there is, and who answers. */
import "./status.css";

interface StatusLineProps {
  /** Short facts, most wanted first; what does not fit is cut off. */
  facts: readonly string[];
}

export function StatusLine({ facts }: StatusLineProps) {
  return (
    <div class="status" role="status" aria-live="off">
      {facts.map((fact) => (
        <span key={fact} class="status-fact">
          {fact}
        </span>
      ))}
    </div>
  );
}

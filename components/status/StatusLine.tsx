/** The line at the bottom: how much there is, and who answers. In a narrow panel it takes as many lines as it needs. */
import "./status.css";

interface StatusLineProps {
  /** Short facts, most wanted first; what does not fit goes into a line below. */
  facts: readonly string[];
}

export function StatusLine({ facts }: StatusLineProps) {
  return (
    <div class="status" role="status" aria-live="off">
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}

/** Skips rendering a component again if none of its props changed. */
import { Component, type ComponentChildren, createElement } from "preact";

/** A component that only renders again for different props, compared one by one. */
export function memo<P extends object>(render: (props: P) => ComponentChildren) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return differs(this.props, next);
    }

    override render(props: Readonly<P>): ComponentChildren {
      // A separate component, so that hooks and signals inside belong to it.
      return createElement(render as (props: P) => ComponentChildren, props);
    }
  };
}

function differs(before: object, after: object): boolean {
  const old: Record<string, unknown> = { ...before };
  const now: Record<string, unknown> = { ...after };
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  for (const name of names) if (old[name] !== now[name]) return true;
  return false;
}

import type { ReactNode } from 'react';

/** Names and values. A value that is not known is a dash, never left out. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  const known = children !== null && children !== undefined && children !== '';
  return (
    <div>
      <dt>{name}</dt>
      <dd>{known ? children : <span className="quiet">not known</span>}</dd>
    </div>
  );
}

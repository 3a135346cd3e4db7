import { lazy, Suspense, useMemo } from 'react';

import { Panel, Skeleton } from '../parts/section';
import { count, visible } from '../parts/text';
import { VerdictBadge } from '../parts/verdict';
import { urlOf, type Thing } from '../routing/route';
import { goTo, ThingLink } from '../routing/useRoute';
import { Memory, type Learned, type Node } from './model';

/** Cytoscape is larger than the rest of the page: it is loaded with the first graph. */
const Canvas = lazy(() => import('./canvas'));

const memory = new Memory();

/** The graph around a page's thing. The list below it has the same nodes, for keyboards and screen readers. */
export function Picture({ here, trail, learned }: { here: Thing; trail: Thing[]; learned: Learned }) {
  const facts = JSON.stringify([here, trail, learned]);
  const graph = useMemo(() => {
    memory.learn(here, learned);
    return memory.around(here, trail);
  }, [facts]); // which have all that the graph depends on
  const open = (thing: Thing) => goTo(urlOf(thing, [...trail, here]));
  return (
    <Panel title="Graph" note={`${count(graph.nodes.length, 'node')}${graph.leftOut > 0 ? `, ${graph.leftOut} left out` : ''}`}>
      <Suspense fallback={<Skeleton rows={8} what="the graph" />}>
        <Canvas graph={graph} onOpen={open} />
      </Suspense>
      <details className="nodes">
        <summary>As a list</summary>
        <ul className="rows">
          {graph.nodes.filter(({ role }) => role !== 'here').map((node) => <NodeRow key={node.key} node={node} />)}
        </ul>
      </details>
    </Panel>
  );
}

function NodeRow({ node: { thing, label, verdict } }: { node: Node }) {
  return (
    <li>
      <ThingLink thing={thing}>{visible(label)}</ThingLink>
      {verdict ? <VerdictBadge verdict={verdict} /> : <span className="quiet">{thing.kind}</span>}
    </li>
  );
}

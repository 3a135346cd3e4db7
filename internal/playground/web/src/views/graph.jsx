import cytoscape from 'cytoscape';
import { useGraphiQL } from '@graphiql/react';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import { graphOf } from '../model/graph.js';
import { nextQuestion } from '../model/next.js';
import { useOpenTab } from '../useTabs.js';

const files = import.meta.glob('../../../queries/next/*.graphql', { query: '?raw', import: 'default', eager: true });
const host = Object.values(import.meta.glob('../../../queries/1-host.graphql', { query: '?raw', import: 'default', eager: true }))[0];
const queries = { host, ...Object.fromEntries(Object.entries(files).map(([path, query]) => [/([\w-]+)\.graphql$/.exec(path)[1], query])) };

const kinds = {
  address: { title: 'Addresses', shape: 'ellipse' },
  name: { title: 'DNS names', shape: 'round-rectangle' },
  certificate: { title: 'Certificates', shape: 'diamond' },
  article: { title: 'Articles', shape: 'rectangle' },
  profile: { title: 'Profiles', shape: 'hexagon' },
  vulnerability: { title: 'Vulnerabilities', shape: 'triangle' },
  other: { title: 'Others', shape: 'vee' },
};
const reputations = { MALICIOUS: '#e0484d', SUSPICIOUS: '#d97706', NEUTRAL: '#2f9e6e', UNKNOWN: '#8a8f98' };
const plain = '#3b82c4';

// Graph shows what the response links. A click on a node, or its button in the list, opens the next question about it.
export default function Graph({ response, types }) {
  const graph = useMemo(() => graphOf(response, types), [response, types]);
  const openTab = useOpenTab();
  const ask = (node) => {
    const question = nextQuestion(node, queries);
    if (question) openTab(question);
  };
  if (graph.nodes.length === 0) return <p className="portico-empty">The response has no hosts, certificates, articles, profiles or vulnerabilities.</p>;
  return (
    <div className="portico-graph-view">
      <Canvas graph={graph} onAsk={ask} />
      <aside className="portico-scroll" aria-label="Nodes of the graph" tabIndex={0}>
        <p className="portico-quiet" role="status">
          {graph.nodes.length < graph.count ? `The first ${graph.nodes.length} of ${graph.count}` : graph.nodes.length} {graph.count === 1 ? 'node' : 'nodes'}, {graph.edges.length} {graph.edges.length === 1 ? 'edge' : 'edges'}. Choose a node to ask about it.
        </p>
        <Legend graph={graph} />
        {Object.entries(kinds).map(([kind, { title, shape }]) => (
          <NodeList key={kind} title={title} shape={shape} nodes={graph.nodes.filter((node) => node.kind === kind)} onAsk={ask} />
        ))}
      </aside>
    </div>
  );
}

function Legend({ graph }) {
  const shown = Object.keys(reputations).filter((reputation) => graph.nodes.some((node) => node.reputation === reputation));
  const others = graph.nodes.some((node) => !reputations[node.reputation]);
  return (
    <ul className="portico-legend" aria-label="Reputation">
      {shown.map((reputation) => (
        <li key={reputation}>
          <Dot colour={reputations[reputation]} /> {reputation.toLowerCase()}
        </li>
      ))}
      {others && (
        <li>
          <Dot colour={plain} /> reputation not selected
        </li>
      )}
    </ul>
  );
}

const Dot = ({ colour }) => (
  <svg width="10" height="10" aria-hidden="true">
    <circle cx="5" cy="5" r="5" fill={colour} />
  </svg>
);

const outlines = {
  ellipse: 'M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0z',
  'round-rectangle': 'M3 1h6a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-6a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2z',
  diamond: 'M6 0l6 6l-6 6l-6-6z',
  rectangle: 'M1 1h10v10h-10z',
  hexagon: 'M3 1h6l3 5l-3 5h-6l-3-5z',
  triangle: 'M6 0l6 11h-12z',
  vee: 'M6 12l-6-11l6 3l6-3z',
};

const Shape = ({ name }) => (
  <svg width="12" height="12" aria-hidden="true">
    <path d={outlines[name]} fill="currentColor" />
  </svg>
);

function NodeList({ title, shape, nodes, onAsk }) {
  if (nodes.length === 0) return null;
  return (
    <>
      <h3>
        <Shape name={shape} /> {title}
      </h3>
      <ul className="portico-nodes">
        {nodes.map((node) => (
          <li key={node.key}>
            {askable(node) ? (
              <button type="button" className="portico-link" onClick={() => onAsk(node)}>
                <bdi>{node.label}</bdi>
              </button>
            ) : (
              <bdi>{node.label}</bdi>
            )}
            {node.reputation && <small> {node.reputation.toLowerCase()}</small>}
          </li>
        ))}
      </ul>
    </>
  );
}

const askable = (node) => nextQuestion(node, queries) !== undefined;

function Canvas({ graph, onAsk }) {
  const box = useRef(null);
  const drawn = useRef(null);
  const asking = useRef(onAsk);
  asking.current = onAsk;
  const dark = useDark();
  useEffect(() => {
    const cy = cytoscape({ container: box.current, elements: elementsOf(graph), minZoom: 0.1, maxZoom: 3, layout: layoutOf(graph) });
    fit(cy);
    const observer = new ResizeObserver(() => {
      cy.resize();
      fit(cy);
    });
    observer.observe(box.current);
    cy.on('tap', 'node', (event) => asking.current(event.target.data('node')));
    cy.on('mouseover', 'node', (event) => event.target.addClass('near').connectedEdges().addClass('near'));
    cy.on('mouseout', 'node', (event) => event.target.removeClass('near').connectedEdges().removeClass('near'));
    drawn.current = cy;
    // What is drawn can be counted from outside.
    box.current.dataset.nodes = cy.nodes().length;
    box.current.dataset.edges = cy.edges().length;
    return () => {
      observer.disconnect();
      cy.destroy();
    };
  }, [graph]);
  useEffect(() => {
    drawn.current.style(styleOf(dark));
  }, [graph, dark]);
  const zoom = (factor) => {
    const cy = drawn.current;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  return (
    <div className="portico-canvas">
      <div className="portico-zoom">
        <button type="button" className="portico-button" aria-label="Zoom in" onClick={() => zoom(1.3)}>
          +
        </button>
        <button type="button" className="portico-button" aria-label="Zoom out" onClick={() => zoom(1 / 1.3)}>
          −
        </button>
        <button type="button" className="portico-button" onClick={() => fit(drawn.current)}>
          Fit
        </button>
      </div>
      <div ref={box} role="img" aria-label={`Graph with ${graph.nodes.length} nodes and ${graph.edges.length} edges. The list beside it has the same nodes.`} />
    </div>
  );
}

// fit shows all of the graph, but no larger than text in the page.
function fit(cy) {
  cy.fit(undefined, 40);
  if (cy.zoom() > 1.2) cy.zoom(1.2);
  cy.center();
}

// useDark is the theme that GraphiQL shows: the one that was chosen, or else the system's.
function useDark() {
  const theme = useGraphiQL((state) => state.theme);
  const media = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const system = useSyncExternalStore(
    (changed) => {
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => media.matches,
  );
  return theme ? theme === 'dark' : system;
}

const elementsOf = (graph) => [
  ...graph.nodes.map((node) => ({ group: 'nodes', data: { id: node.key, node, label: node.label, colour: reputations[node.reputation] ?? plain, shape: kinds[node.kind].shape } })),
  ...graph.edges.map((edge, i) => ({ group: 'edges', data: { id: `edge ${i}`, source: edge.from, target: edge.to, label: edge.labels.join(', ') } })),
];

// Nodes around one are clearest in circles; anything else is for the forces.
function layoutOf(graph) {
  const common = { animate: false, fit: true, padding: 30 };
  const hub = hubOf(graph);
  if (hub) {
    const places = circles(graph.nodes.filter((node) => node.key !== hub).map((node) => node.key));
    return { ...common, name: 'preset', positions: (node) => places.get(node.id()) ?? { x: 0, y: 0 } };
  }
  return { ...common, name: 'cose', randomize: false, nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 50, nodeRepulsion: () => 6000, componentSpacing: 30, numIter: 1500 };
}

// hubOf is the key of the node that all others are linked to, if there is one and they are few enough for circles.
function hubOf(graph) {
  if (graph.nodes.length > 80) return undefined;
  const degrees = new Map();
  for (const { from, to } of graph.edges) for (const key of [from, to]) degrees.set(key, (degrees.get(key) ?? 0) + 1);
  return graph.nodes.find((node) => (degrees.get(node.key) ?? 0) >= graph.nodes.length - 1)?.key;
}

// circles places the keys around the origin, as many on each circle as have room for their labels.
function circles(keys) {
  const places = new Map();
  const [room, gap] = [125, 80];
  let rest = keys;
  for (let radius = 120; rest.length > 0; radius += gap) {
    const here = rest.slice(0, Math.floor((2 * Math.PI * radius) / room));
    rest = rest.slice(here.length);
    here.forEach((key, i) => {
      const angle = ((i + ((radius / gap) % 2) / 2) / here.length) * 2 * Math.PI - Math.PI / 2;
      places.set(key, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
    });
  }
  return places;
}

function styleOf(dark) {
  const [text, back, line] = dark ? ['#e6eaf2', '#212a3b', '#64728a'] : ['#1f2937', '#ffffff', '#9aa5b8'];
  const label = { color: text, 'font-size': 13, 'text-background-color': back, 'text-background-opacity': 0.85, 'text-background-padding': 2, 'font-family': 'system-ui, sans-serif' };
  return [
    { selector: 'node', style: { ...label, label: 'data(label)', shape: 'data(shape)', 'background-color': 'data(colour)', width: 22, height: 22, 'text-valign': 'bottom', 'text-margin-y': 4 } },
    { selector: 'node.near', style: { 'border-width': 3, 'border-color': text } },
    { selector: 'edge', style: { width: 1.5, 'line-color': line, 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'target-arrow-color': line, 'arrow-scale': 0.8 } },
    { selector: 'edge.near', style: { ...label, label: 'data(label)', 'line-color': text, 'target-arrow-color': text, 'font-size': 12 } },
  ];
}

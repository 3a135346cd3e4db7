import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from 'cytoscape';
import { useEffect, useRef } from 'react';

import { useTheme } from '../parts/theme';
import { visible } from '../parts/text';
import type { Thing } from '../routing/route';
import type { Graph } from './model';

type CanvasProps = { graph: Graph; onOpen: (thing: Thing) => void };

/** Draws the graph. A click on a node opens its page. */
export default function Canvas({ graph, onOpen }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Core | null>(null);
  const opening = useRef(onOpen);
  opening.current = onOpen;
  const theme = useTheme();
  useEffect(() => {
    if (!box.current) return undefined;
    const core = cytoscape({ container: box.current, elements: elementsOf(graph), layout: { name: 'preset' }, minZoom: 0.2, maxZoom: 2.5, userZoomingEnabled: false });
    core.style(styleOf(box.current));
    fit(core);
    core.on('tap', 'node', (event) => opening.current(event.target.data('thing') as Thing));
    core.on('mouseover', 'node', (event) => event.target.addClass('near').connectedEdges().addClass('near'));
    core.on('mouseout', 'node', (event) => event.target.removeClass('near').connectedEdges().removeClass('near'));
    drawn.current = core;
    return () => core.destroy();
  }, [graph]);
  useEffect(() => {
    if (box.current) drawn.current?.style(styleOf(box.current));
  }, [theme, graph]);
  const zoom = (factor: number) => {
    const core = drawn.current;
    core?.zoom({ level: core.zoom() * factor, renderedPosition: { x: core.width() / 2, y: core.height() / 2 } });
  };
  return (
    <div className={graph.nodes.length > 14 ? 'canvas many' : 'canvas'}>
      <div ref={box} role="img" aria-label={`Graph with ${graph.nodes.length} nodes and ${graph.edges.length} edges. The list below has the same nodes.`} data-nodes={graph.nodes.length} data-edges={graph.edges.length} />
      <div className="zoom">
        <button type="button" className="button" aria-label="Zoom in" onClick={() => zoom(1.3)}>+</button>
        <button type="button" className="button" aria-label="Zoom out" onClick={() => zoom(1 / 1.3)}>−</button>
        <button type="button" className="button" onClick={() => drawn.current && fit(drawn.current)}>Fit</button>
      </div>
    </div>
  );
}

function fit(core: Core): void {
  core.fit(undefined, 14);
  if (core.zoom() > 1.1) core.zoom(1.1);
  core.center();
}

const shapes: Record<Thing['kind'], string> = {
  host: 'ellipse', certificate: 'diamond', vulnerability: 'triangle', article: 'rectangle', profile: 'hexagon',
};

const longest = 20;
const short = (label: string) => (label.length > longest ? `${label.slice(0, longest - 1)}…` : label);

function elementsOf(graph: Graph): ElementDefinition[] {
  const places = placesOf(graph);
  return [
    ...graph.nodes.map(({ key, thing, label, verdict, role }) => ({
      group: 'nodes' as const, classes: `${verdict ?? 'undecided'} ${role} ${places.get(key)?.side}`, position: places.get(key) ?? { x: 0, y: 0 },
      data: { id: key, thing, label: short(visible(label)), shape: shapes[thing.kind] },
    })),
    ...graph.edges.map(({ from, to, by }, i) => ({ group: 'edges' as const, classes: by === 'pivot' ? 'pivot' : '', data: { id: `edge ${i}`, source: from, target: to, label: by } })),
  ];
}

type Place = { x: number; y: number; side: 'left' | 'right' | 'middle' };

/**
 * The thing is in the middle, the way to it above, and what it is linked to in columns beside it, whose labels can be read.
 * Forces would place everything anew with each part that arrives.
 */
function placesOf(graph: Graph): Map<string, Place> {
  const [column, row, step] = [95, 24, 46];
  const places = new Map<string, Place>();
  const trail = graph.nodes.filter(({ role }) => role === 'trail');
  trail.forEach(({ key }, i) => places.set(key, { x: 0, y: (i - trail.length) * step, side: 'middle' }));
  const others = graph.nodes.filter(({ role }) => role === 'other').sort((a, b) => (a.thing.kind < b.thing.kind ? 1 : -1));
  const half = Math.ceil(others.length / 2);
  others.forEach(({ key }, i) => {
    const [n, inColumn, side] = i < half ? [i, half, 'left' as const] : [i - half, others.length - half, 'right' as const];
    places.set(key, { x: side === 'left' ? -column : column, y: (n - (inColumn - 1) / 2) * row, side });
  });
  return places;
}

/** The colors are those of the page's own styles. */
function styleOf(element: HTMLElement): StylesheetJson {
  const probe = document.createElement('span');
  element.after(probe);
  const color = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [text, panel, line, quiet, accent] = ['text', 'panel', 'line-strong', 'quiet', 'accent'].map(color);
  const label = { color: text, 'font-size': 11, 'text-background-color': panel, 'text-background-opacity': 0.85, 'text-background-padding': '2px' };
  const verdicts = ['malicious', 'suspicious', 'neutral', 'unknown'].map((verdict) => ({
    selector: `.${verdict}`,
    style: { 'background-color': color(`${verdict}-back`), 'border-color': color(verdict), 'border-style': verdict === 'unknown' ? 'dashed' : 'solid' },
  }));
  probe.remove();
  return [
    { selector: 'node', style: { ...label, label: 'data(label)', shape: 'data(shape)', width: 15, height: 15, 'border-width': 2, 'text-valign': 'bottom', 'text-margin-y': 3 } },
    { selector: '.left', style: { 'text-valign': 'center', 'text-halign': 'left', 'text-margin-y': 0, 'text-margin-x': -4 } },
    { selector: '.right', style: { 'text-valign': 'center', 'text-halign': 'right', 'text-margin-y': 0, 'text-margin-x': 4 } },
    { selector: '.undecided', style: { 'background-color': panel, 'border-color': quiet, 'border-style': 'dotted' } },
    ...verdicts,
    { selector: '.here', style: { width: 26, height: 26, 'font-weight': 'bold', 'border-width': 3 } },
    { selector: 'edge', style: { width: 1.2, 'line-color': line, 'curve-style': 'straight' } },
    { selector: '.pivot', style: { 'line-color': accent, width: 2 } },
    { selector: 'node.near', style: { 'border-width': 4 } },
    { selector: 'edge.near', style: { ...label, label: 'data(label)', 'line-color': text, 'font-size': 10 } },
  ] as StylesheetJson;
}

import { useMemo } from 'react';

import { timeline } from '../model/timeline.js';
import { bars, Chart, colours, Plot } from './chart.jsx';

const height = 22;
const day = (time) => new Date(time).toISOString().slice(0, 10);

function details(event) {
  const when = event.open === 'first' ? `last seen ${day(event.last)}` : event.open === 'last' ? `first seen ${day(event.first)}` : `${day(event.first)} to ${day(event.last)}`;
  return [`${event.kind}: ${event.label}`, event.owner && `of ${event.owner}`, when].filter(Boolean).join('\n');
}

// Timeline shows everything that was seen first or last at some time, on one axis.
export default function Timeline({ response, types }) {
  const found = useMemo(() => timeline(response, types), [response, types]);
  const options = useMemo(() => optionsOf(found), [found]);
  if (found.count === 0) {
    return <p className="portico-empty">Nothing in the response was seen at a time. Select firstSeenDateTime and lastSeenDateTime to see when.</p>;
  }
  return (
    <div className="portico-scrolled">
      <p className="portico-quiet" role="status">
        {found.events.length < found.count ? `The first ${found.events.length} of ${found.count} sightings.` : `${found.count} ${found.count === 1 ? 'sighting' : 'sightings'}.`} Point at a bar for details.
      </p>
      <Chart label={`Timeline with ${found.events.length} bars. The list below has the same sightings.`} options={options} />
      <details>
        <summary>As a list</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">What</th>
              <th scope="col">Of</th>
              <th scope="col">First seen</th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {found.events.map((event) => (
              <tr key={event.path}>
                <td>{event.kind}</td>
                <td>
                  <bdi>{event.label}</bdi>
                </td>
                <td>
                  <bdi>{event.owner}</bdi>
                </td>
                <td>{event.open === 'first' ? '' : day(event.first)}</td>
                <td>{event.open === 'last' ? '' : day(event.last)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

// Each kind has a heading, which takes a row of its own.
function rowsOf(found) {
  const headings = [];
  const events = [];
  let row = 0;
  for (const kind of found.kinds) {
    headings.push({ kind, row: row++ });
    for (const event of found.events.filter((e) => e.kind === kind)) events.push({ ...event, row: row++ });
  }
  return { headings, events, rows: row };
}

function optionsOf(found) {
  const { headings, events, rows } = rowsOf(found);
  const from = Math.min(...events.map((event) => event.from));
  const to = Math.max(...events.map((event) => event.to));
  const margin = Math.max((to - from) * 0.03, 86_400_000);
  return (width) => {
    const marginLeft = Math.min(220, Math.max(90, width * 0.3));
    return {
      height: rows * height + 50,
      marginLeft,
      marginRight: 16,
      marginTop: 26,
      x: { type: 'utc', domain: [from - margin, to + margin], axis: 'top', grid: true, label: null, ticks: Math.max(2, Math.floor(width / 140)) },
      y: { type: 'band', domain: Array.from({ length: rows }, (_, i) => i), axis: null },
      color: { type: 'categorical', domain: found.kinds, range: colours },
      marks: [
        Plot.text(headings, { y: 'row', frameAnchor: 'left', dx: -marginLeft, text: 'kind', textAnchor: 'start', fontWeight: 'bold', fontSize: 12 }),
        Plot.text(events, { y: 'row', frameAnchor: 'left', dx: -8, text: (e) => clip(e.title, marginLeft), textAnchor: 'end', fontSize: 11 }),
        bars(events, { x1: 'from', x2: 'to', y: 'row', stroke: 'kind' }),
        Plot.tip(events, Plot.pointerY({ x: 'to', y: 'row', title: details, maxRadius: 24 })),
      ],
    };
  };
}

const clip = (text, width) => {
  const room = Math.floor((width - 12) / 6.3);
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
};

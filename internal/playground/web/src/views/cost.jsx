import { useMemo } from 'react';

import { costOf, pathOf, titleOfRow } from '../model/cost.js';
import { visible } from '../model/text.js';
import { bars, Chart, colours, Plot } from './chart.jsx';

const height = 22;
const ms = (value) => `${value.toLocaleString('en', { maximumFractionDigits: 2 })} ms`;

// Cost shows each request to Microsoft Graph: when it left, how long it took, and in which wave.
export default function Cost({ response }) {
  const cost = useMemo(() => costOf(response), [response]);
  const options = useMemo(() => cost && optionsOf(cost), [cost]);
  if (!cost) return <p className="portico-empty">The response does not say what it cost.</p>;
  return (
    <div className="portico-scrolled">
      <Numbers cost={cost} />
      {cost.rows.length === 0 && (
        <p className="portico-empty">
          {cost.requests === 0 ? 'Nothing was requested from Microsoft Graph.' : 'This server does not list its requests. PORTICO_SHOW_COST=on makes it do so.'}
        </p>
      )}
      {cost.rows.length > 0 && (
        <>
          <Chart label={`Waterfall with ${cost.rows.length} bars. The list below has the same requests.`} options={options} />
          <Requests rows={cost.rows} />
        </>
      )}
    </div>
  );
}

function Numbers({ cost }) {
  const share = cost.limit ? Math.round((cost.estimate / cost.limit) * 100) : 0;
  return (
    <dl className="portico-numbers">
      <Number name="Items" value={cost.items} />
      <Number name="Requests" value={cost.requests} />
      <Number name="Waves" value={cost.waves} />
      <Number name="From the cache" value={cost.cacheHits} />
      <Number name="Estimate" value={cost.estimate} />
      <Number name="Limit" value={cost.limit}>
        <meter min={0} max={cost.limit || 1} value={cost.estimate} aria-label={`The estimate is ${share}% of the limit`} />
      </Number>
    </dl>
  );
}

const Number = ({ name, value, children }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {value.toLocaleString('en')} {children}
    </dd>
  </div>
);

function Requests({ rows }) {
  return (
    <table className="portico-requests">
      <thead>
        <tr>
          <th scope="col">Wave</th>
          <th scope="col">Start</th>
          <th scope="col">Duration</th>
          <th scope="col">Status</th>
          <th scope="col">From</th>
          <th scope="col">Request</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="portico-number">{row.wave}</td>
            <td className="portico-number">{ms(row.start)}</td>
            <td className="portico-number">{ms(row.duration)}</td>
            <td className="portico-number">{row.status ?? 'none'}</td>
            <td className="portico-short">{row.from}</td>
            <td>
              <Request row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// The items of a batch are folded.
function Request({ row }) {
  if (row.items.length === 0) return <Url method={row.method} url={row.url} />;
  return (
    <details>
      <summary>
        {row.method} batch of {row.items.length}
      </summary>
      <ul>
        {row.items.map((item, i) => (
          <li key={i}>
            {item.status ?? 'none'} <Url method="GET" url={item.url} />
          </li>
        ))}
      </ul>
    </details>
  );
}

const Url = ({ method, url }) => (
  <code title={visible(url)}>
    {method} <bdi>{visible(pathOf(url))}</bdi>
    {url.includes('?') && <span className="portico-quiet">?{visible(url.split('?').slice(1).join('?'))}</span>}
  </code>
);

function optionsOf(cost) {
  const waves = [...new Set(cost.rows.map((row) => row.wave))].sort((a, b) => a - b);
  const data = cost.rows.map((row, i) => ({ ...row, row: i, end: row.start + row.duration, name: `Wave ${row.wave}` }));
  return (width) => {
    const marginLeft = Math.min(240, Math.max(90, width * 0.34));
    const room = Math.floor((marginLeft - 12) / 6.3);
    return {
      height: data.length * height + 76,
      marginLeft,
      marginRight: 20,
      marginTop: 36,
      x: { domain: [0, Math.max(cost.total, 0.01) * 1.03], axis: 'top', grid: true, label: 'milliseconds since the operation began', ticks: Math.max(2, Math.floor(width / 140)) },
      y: { type: 'band', domain: data.map((d) => d.row), axis: null },
      color: { type: 'categorical', domain: waves.map((wave) => `Wave ${wave}`), range: colours },
      marks: [
        Plot.text(data, { y: 'row', frameAnchor: 'left', dx: -8, text: (d) => end(titleOfRow(d), room), textAnchor: 'end', fontSize: 11 }),
        bars(data, { x1: 'start', x2: 'end', y: 'row', stroke: 'name', strokeDasharray: (d) => (d.from === 'Microsoft Graph' ? null : '2,3') }),
        Plot.tip(data, Plot.pointerY({ x: 'end', y: 'row', title: details, maxRadius: 24 })),
      ],
    };
  };
}

const details = (row) => `${row.method} ${titleOfRow(row)}\nWave ${row.wave}, status ${row.status ?? 'none'}, from ${row.from}\nStarted at ${ms(row.start)}, took ${ms(row.duration)}`;

// The end of a path tells more than its beginning.
const end = (text, room) => (text.length > room ? `…${text.slice(1 - room)}` : text);

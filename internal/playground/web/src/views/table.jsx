import { useMemo, useState } from 'react';

import { sorted, tables } from '../model/table.js';
import { tsv, visible } from '../model/text.js';
import { saveTable } from '../save.js';

const most = 500; // rows in the page; copies and files have all

// Table shows a list of the response. Lists in lists, such as the ports of many hosts, are one table.
export default function Table({ response, asked }) {
  const all = useMemo(() => tables(response, asked), [response, asked]);
  const [name, setName] = useState('');
  const [order, setOrder] = useState({ column: '', descending: false });
  const [said, setSaid] = useState('');
  const table = all.find((t) => t.name === name) ?? all[0];
  if (!table) return <p className="portico-empty">The response has no list.</p>;
  const rows = sorted(table.rows, table.columns.indexOf(order.column), order.descending);
  const copy = () =>
    navigator.clipboard.writeText(tsv(table.columns, rows)).then(
      () => setSaid(`Copied ${rows.length} rows.`),
      () => setSaid('The browser did not allow copying. Save the table as CSV instead.'),
    );
  return (
    <div className="portico-table-view">
      <div className="portico-controls">
        <label>
          List{' '}
          <select value={table.name} onChange={(event) => setName(event.target.value)}>
            {all.map((t) => (
              <option key={t.name} value={t.name}>
                {`${visible(t.name)} (${t.rows.length})`}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="portico-button" onClick={copy}>
          Copy
        </button>
        <button type="button" className="portico-button" onClick={() => saveTable({ ...table, rows })}>
          Save CSV
        </button>
        <span role="status" className="portico-quiet">
          {said}
        </span>
      </div>
      <div className="portico-scroll" tabIndex={0} role="region" aria-label={`Table of ${table.name}`}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <Head key={column} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row, i) => (
              <tr key={i}>
                {row.map((value, j) => (
                  <Cell key={j} value={value} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > most && (
          <p className="portico-quiet">
            The first {most} of {rows.length} rows. Copy and Save CSV include all.
          </p>
        )}
      </div>
    </div>
  );
}

function Head({ column, order, onOrder }) {
  const here = order.column === column;
  const direction = here ? (order.descending ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" onClick={() => onOrder({ column, descending: here && !order.descending })}>
        {visible(column)}
        <span aria-hidden="true">{{ ascending: ' ▲', descending: ' ▼', none: '' }[direction]}</span>
      </button>
    </th>
  );
}

function Cell({ value }) {
  if (value === null) return <td className="portico-null">null</td>;
  if (typeof value === 'number') return <td className="portico-number">{value}</td>;
  const text = visible(value);
  return (
    <td className={text.length <= 28 ? 'portico-short' : undefined}>
      <bdi>{text}</bdi>
    </td>
  );
}

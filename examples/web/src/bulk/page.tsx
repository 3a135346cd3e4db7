import { useMemo, useState } from 'react';

import { csv, save } from '../parts/csv';
import { Notice } from '../parts/notice';
import { count } from '../parts/text';
import { findIndicators, type Indicators } from '../search/indicators';
import { Table } from './table';
import { useBulk } from './useBulk';
import { cellsOf, countsOf, filters, shownRows, type Filter, type Sort } from './view';

/** The table of all indicators of a text. */
export default function BulkPage({ text }: { text: string }) {
  const found = useMemo(() => findIndicators(text), [text]);
  const { rows, done, running, pause, retry, stop } = useBulk(found);
  const [filter, setFilter] = useState<Filter>('all');
  const [contains, setContains] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'verdict', descending: true });
  const shown = useMemo(() => shownRows(rows, filter, contains, sort), [rows, filter, contains, sort]);
  const counts = countsOf(rows);
  return (
    <>
      <header className="page-head">
        <div><h1 className="plain">{count(rows.length, 'indicator')}</h1><LeftOut found={found} /></div>
        <div className="actions">
          {running && <button type="button" className="button" onClick={stop}>Stop</button>}
          {!running && (counts.failed > 0 || done < rows.length) && <button type="button" className="button" onClick={retry}>Look up the rest again</button>}
          <button type="button" className="button" onClick={() => save('indicators.csv', csv(cellsOf(shown)))}>Save CSV</button>
        </div>
      </header>
      <Progress done={done} all={rows.length} pause={pause} running={running} />
      <div className="filters" role="group" aria-label="Filter">
        {filters.map((name) => (
          <button key={name} type="button" className="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {titles[name]} <span className="quiet">{counts[name]}</span>
          </button>
        ))}
        <label className="unseen" htmlFor="contains">Only rows that contain</label>
        <input id="contains" className="field" type="search" placeholder="Contains…" value={contains} onChange={(event) => setContains(event.target.value)} />
      </div>
      {rows.length === 0 ? <Notice tone="plain" icon="empty" title="No indicators"><p>The text has no host name, IP address, CVE id or SHA-1 fingerprint.</p></Notice>
        : <Table rows={shown} sort={sort} onSort={setSort} />}
    </>
  );
}

const titles: Record<Filter, string> = { all: 'All', bad: 'Malicious, suspicious or severe', unknown: 'Unknown', failed: 'Failed' };

function LeftOut({ found }: { found: Indicators }) {
  const parts = [
    found.unsearchable.length > 0 && `${count(found.unsearchable.length, 'hash', 'hashes')} left out: certificates are found by SHA-1 alone, and files not at all.`,
    found.ignoredLines > 0 && `${count(found.ignoredLines, 'line')} beyond the first 1,000 left out.`,
  ].filter(Boolean);
  return parts.length > 0 ? <p className="sub">{parts.join(' ')}</p> : null;
}

function Progress({ done, all, pause, running }: { done: number; all: number; pause: number; running: boolean }) {
  return (
    <div className="progress" role="status">
      <progress max={Math.max(1, all)} value={done} aria-label="Looked up" />
      <span className="quiet">
        {pause > 0 ? `Waiting for ${pause} s, as Microsoft Graph requires` : `${done} of ${all} looked up${running ? '…' : ''}`}
      </span>
    </div>
  );
}

import { useEffect, useMemo, useRef, useState } from 'react';

import indicatorsQuery from '../../queries/next/indicators.graphql?raw';
import { addJob } from './jobs.js';
import { indicators, mostLines, pages } from './model/indicators.js';
import { useOpenTab } from './useTabs.js';

// Paste takes a text and opens a query about the indicators in it.
export default function Paste({ onClose }) {
  const dialog = useRef(null);
  const [text, setText] = useState('');
  const found = useMemo(() => indicators(text), [text]);
  const operations = useMemo(() => pages(found, indicatorsQuery), [found]);
  const openTab = useOpenTab();
  useEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    return () => shown.close();
  }, []);
  const open = () => {
    const [first] = operations;
    const tab = { query: first.query, variables: JSON.stringify(first.variables, null, 2) };
    if (operations.length > 1) addJob(tab, operations);
    openTab(tab);
    onClose();
  };
  return (
    <dialog ref={dialog} className="portico-dialog" aria-labelledby="portico-paste-title" onClose={onClose}>
      <h2 id="portico-paste-title">Paste indicators</h2>
      <label htmlFor="portico-paste">Any text with host names, IP addresses, CVE ids or SHA-1 fingerprints, such as a report. Defanged is fine. The text stays in this page.</label>
      <textarea id="portico-paste" rows={12} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} autoFocus />
      <Found found={found} operations={operations} />
      <div className="portico-controls">
        <button type="button" className="portico-button portico-primary" disabled={operations.length === 0} onClick={open}>
          Open query
        </button>
        <button type="button" className="portico-button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}

const counted = (n, one, many = `${one}s`) => (n === 0 ? null : `${n.toLocaleString('en')} ${n === 1 ? one : many}`);

function Found({ found, operations }) {
  const counts = [
    counted(found.names.length, 'host name'),
    counted(found.addresses.length, 'IP address', 'IP addresses'),
    counted(found.cves.length, 'CVE'),
    counted(found.fingerprints.length, 'fingerprint'),
  ].filter(Boolean);
  return (
    <div role="status">
      <p>{counts.length === 0 ? 'No indicators yet.' : `Found ${counts.join(', ')}.`}</p>
      {operations.length > 1 && <p>They make {operations.length} pages. The tab opens with the first; a button there runs all.</p>}
      {found.unsearchable.length > 0 && (
        <p>
          Left out: {counted(found.unsearchable.length, 'hash', 'hashes')} of another length. Microsoft Graph searches certificates by SHA-1, which has 40 digits.
        </p>
      )}
      {found.ignoredLines > 0 && (
        <p>
          Left out: {counted(found.ignoredLines, 'line')} after the first {mostLines.toLocaleString('en')}. Paste them separately.
        </p>
      )}
    </div>
  );
}

import { useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';

import { Icon } from '../parts/icon';
import { goTo } from '../routing/useRoute';
import { destinationOf } from './destination';

/** The one search box: it takes whatever is pasted. A pasted report with several indicators opens the table at once. */
export function SearchBox({ id, tall = false }: { id: string; tall?: boolean }) {
  const [text, setText] = useState('');
  const [lost, setLost] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const search = (what: string) => {
    const url = destinationOf(what);
    setLost(url === null && what.trim() !== '');
    if (!url) return;
    setText('');
    goTo(url);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    search(text);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text');
    if (text !== '' || !pasted.trim().includes('\n')) return;
    event.preventDefault();
    search(pasted);
  };
  return (
    <form className="search" role="search" onSubmit={(event) => { event.preventDefault(); search(text); }}>
      <Icon name="search" />
      <label className="unseen" htmlFor={id}>Search for hosts, addresses, CVEs or certificates, or paste a report</label>
      <textarea
        id={id} ref={box} value={text} rows={tall ? 5 : 1} spellCheck={false} autoComplete="off" autoFocus={tall}
        placeholder={tall ? 'www[.]example[.]com, 192.0.2.1, CVE-2023-…, a fingerprint, or a whole report' : 'Host, address, CVE, fingerprint, or paste a report'}
        aria-describedby={lost ? `${id}-hint` : undefined} aria-invalid={lost}
        onChange={(event) => { setText(event.target.value); setLost(false); }} onKeyDown={onKeyDown} onPaste={onPaste}
      />
      {tall && <button type="submit" className="button primary search-button">Look up</button>}
      {lost && <p className="search-hint" id={`${id}-hint`} role="alert">No host name, IP address, CVE id or SHA-1 fingerprint was found in this text.</p>}
    </form>
  );
}

import { urlOf, listUrl } from '../routing/route';
import { meanings, VerdictBadge, type Verdict } from '../parts/verdict';
import { SearchBox } from './box';

/** Examples that the emulator knows; with a real tenant, some of them are known, too. */
const examples: [title: string, url: string][] = [
  ['A host', urlOf({ kind: 'host', id: 'www2.example.com' })],
  ['An address', urlOf({ kind: 'host', id: '192.0.2.1' })],
  ['A certificate', '#/fingerprint/d58891c5c589fa132fbdfa89fa7e18be14084766'],
  ['Many at once', listUrl(['192.0.2.1', '198.51.100.1', 'www2.example.com', 'contoso.com', 'nobody.example', 'CVE-1998-9001'])],
];

const verdicts: Verdict[] = ['malicious', 'suspicious', 'neutral', 'unknown'];

export function Home() {
  return (
    <div className="home">
      <div>
        <h1>What do you want to know about?</h1>
        <p className="quiet">Paste anything, as you found it. Defanged is fine. Several indicators open a table.</p>
      </div>
      <SearchBox id="search-home" tall />
      <div className="home-actions">
        <span className="quiet">Try</span>
        <div className="examples">{examples.map(([title, url]) => <a key={title} href={url}>{title}</a>)}</div>
      </div>
      <dl className="legend" aria-label="Verdicts">
        {verdicts.map((verdict) => <div key={verdict}><dt><VerdictBadge verdict={verdict} /></dt><dd>{meanings[verdict]}</dd></div>)}
      </dl>
    </div>
  );
}

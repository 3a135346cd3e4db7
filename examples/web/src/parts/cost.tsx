import type { Asked } from '../api/useAsk';
import { count } from './text';
import { lengthOf } from './time';

/** What the page cost of the tenant's quota. */
export function Cost({ asked }: { asked: Pick<Asked<unknown>, 'extensions' | 'arriving'> }) {
  const { upstream, emulator, warnings = [] } = asked.extensions;
  return (
    <p className="cost" aria-live="polite">
      {emulator && 'All data is invented: this Portico uses the emulator. '}
      {asked.arriving && 'More is arriving… '}
      {!asked.arriving && upstream && `${count(upstream.items, 'item')} of Microsoft Graph in ${count(upstream.requests, 'request')}. `}
      {!!upstream?.cacheHits && `${count(upstream.cacheHits, 'item')} from Portico’s cache, up to ${lengthOf(upstream.cacheAgeSeconds ?? 0)} old. `}
      {warnings.length > 0 && `${count(warnings.length, 'warning')}: ${[...new Set(warnings.map((warning) => warning.message))].slice(0, 3).join(' ')}`}
    </p>
  );
}

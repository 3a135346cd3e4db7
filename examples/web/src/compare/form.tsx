import { useState, type FormEvent } from 'react';

import { Icon } from '../parts/icon';
import { compareUrl } from '../routing/route';
import { goTo, useTrail } from '../routing/useRoute';
import { findIndicators } from '../search/indicators';

/** Asks for the other host. The host before this one in the trail is suggested. */
export function CompareForm({ with: host }: { with: string }) {
  const trail = useTrail();
  const before = trail.filter(({ kind, id }) => kind === 'host' && id !== host).at(-1)?.id ?? '';
  const [other, setOther] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = findIndicators(other ?? '').hosts[0];
    if (found) goTo(compareUrl(host, found));
  };
  if (other === null) {
    return (
      <button type="button" className="button" onClick={() => setOther(before)}>
        <Icon name="compare" /> Compare…
      </button>
    );
  }
  return (
    <form className="inline-form" onSubmit={submit}>
      <label className="unseen" htmlFor="compare-with">Compare with</label>
      <input id="compare-with" className="field mono" value={other} onChange={(event) => setOther(event.target.value)} placeholder="host name or address" autoFocus />
      <button type="submit" className="button primary">Compare</button>
      <button type="button" className="button" onClick={() => setOther(null)}>Cancel</button>
    </form>
  );
}

import { useState } from 'react';

import { Icon } from './icon';

export function CopyButton({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(() => setDone(true), () => setDone(false));
    setTimeout(() => setDone(false), 2000);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <Icon name="copy" /> <span aria-live="polite">{done ? 'Copied' : 'Copy'}</span>
    </button>
  );
}

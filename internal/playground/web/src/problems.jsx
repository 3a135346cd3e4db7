import { useEffect, useMemo, useState } from 'react';

import { problems } from './model/problems.js';

// Problems says the errors and the warnings of the response in words.
export function Problems({ response }) {
  const failing = Boolean(response?.errors?.length || response?.extensions?.warnings?.length);
  const documented = useDocumented(failing);
  const found = useMemo(() => problems(response, documented), [response, documented]);
  if (found.length === 0) return null;
  const errors = found.filter((item) => item.kind === 'error').length;
  return (
    <section className="portico-problems" aria-label="Errors and warnings">
      <p role="alert" className="portico-hidden">
        {summary(errors, found.length - errors)}
      </p>
      <details open>
        <summary>{summary(errors, found.length - errors)}</summary>
        <ul>
          {found.map((item, i) => (
            <Problem key={i} {...item} />
          ))}
        </ul>
      </details>
    </section>
  );
}

function Problem({ kind, code, message, hint, raw, remedy, places, documented }) {
  return (
    <li className={`portico-${kind}`}>
      <p>
        <strong>{kind === 'error' ? 'Error' : 'Warning'}</strong> {code && <code>{code}</code>} <bdi>{message}</bdi>
      </p>
      {places.length > 0 && (
        <p className="portico-quiet">
          At <bdi>{places.slice(0, 3).join('; ')}</bdi>
          {places.length > 3 && ` and ${places.length - 3} more`}
        </p>
      )}
      {raw && (
        <p className="portico-quiet">
          Value: <code>{raw}</code>
        </p>
      )}
      {hint && (
        <p>
          Hint: <bdi>{hint}</bdi>
        </p>
      )}
      {remedy && <p>What to do: <Inline markdown={remedy} />.</p>}
      {documented && (
        <p>
          <a href={`./errors.html#${code}`} target="_blank" rel="noreferrer">
            Documentation of {code}
          </a>
        </p>
      )}
    </li>
  );
}

const summary = (errors, warnings) => [errors && plural(errors, 'error'), warnings && plural(warnings, 'warning')].filter(Boolean).join(', ');
const plural = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

// The documentation has text in backquotes, and no other Markdown.
const Inline = ({ markdown }) => markdown.replace(/\.$/, '').split('`').map((text, i) => (i % 2 ? <code key={i}>{text}</code> : text));

// useDocumented loads the documentation of the error codes, once there is an error.
function useDocumented(needed) {
  const [documented, setDocumented] = useState([]);
  useEffect(() => {
    if (!needed || documented.length > 0) return undefined;
    const controller = new AbortController();
    fetch('./errors.json', { signal: controller.signal })
      .then((response) => (response.ok ? response.json() : []))
      .then(setDocumented)
      .catch(() => {}); // the errors are shown without it
    return () => controller.abort();
  }, [needed, documented.length]);
  return documented;
}

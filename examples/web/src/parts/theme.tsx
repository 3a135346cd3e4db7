import { useSyncExternalStore } from 'react';

import { Icon } from './icon';

/** The themes that a person can choose; auto follows the system. */
const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const key = 'theme';
const listeners = new Set<() => void>();
const system = matchMedia('(prefers-color-scheme: dark)');

const chosen = (): Theme => themes.find((theme) => theme === localStorage.getItem(key)) ?? 'auto';

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

apply(chosen());

function choose(theme: Theme): void {
  localStorage.setItem(key, theme);
  apply(theme);
  listeners.forEach((changed) => changed());
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  system.addEventListener('change', changed);
  return () => {
    listeners.delete(changed);
    system.removeEventListener('change', changed);
  };
}

/** What is shown: light or dark. */
export const useTheme = (): string => useSyncExternalStore(subscribe, () => (chosen() === 'auto' ? (system.matches ? 'dark' : 'light') : chosen()));

export function ThemeButton() {
  useTheme();
  const theme = useSyncExternalStore(subscribe, chosen);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] as Theme;
  return (
    <button type="button" className="button" onClick={() => choose(next)} title={`Theme: ${theme}. Change to ${next}.`}>
      <Icon name="sun" /> <span className="unseen">Theme:</span> {theme}
    </button>
  );
}

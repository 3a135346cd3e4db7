import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from 'react';

import { parseRoute, urlOf, type Route, type Thing } from './route';

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

export const goTo = (url: string): void => {
  location.hash = url;
};

/** How the links below lead on: over the thing that the page is about. */
const TrailContext = createContext<Thing[]>([]);

export function TrailProvider({ trail, children }: { trail: Thing[]; children: ReactNode }) {
  return <TrailContext value={trail}>{children}</TrailContext>;
}

export const useTrail = (): Thing[] => useContext(TrailContext);

/** A link to a thing, which extends the trail by the page's own. */
export function ThingLink({ thing, children, title }: { thing: Thing; children?: ReactNode; title?: string }) {
  const trail = useTrail();
  return (
    <a className="thing" href={urlOf(thing, trail)} title={title}>
      {children ?? <bdi>{thing.id}</bdi>}
    </a>
  );
}

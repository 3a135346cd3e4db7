import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';

import { CertificateView } from './certificate/page';
import { FingerprintView } from './certificate/fingerprint';
import { HostView } from './host/page';
import { Skeleton } from './parts/section';
import { ThemeButton } from './parts/theme';
import type { Route, Thing } from './routing/route';
import { useRoute } from './routing/useRoute';
import { SearchBox } from './search/box';
import { Home } from './search/home';
import { Account } from './signin/account';
import type { SignIn } from './signin/msal';

/** Pages that few visits need are loaded with their first visit. */
const Compare = lazy(() => import('./compare/page'));
const Bulk = lazy(() => import('./bulk/page'));
const Reading = lazy(() => import('./reading/pages'));

export function App({ signIn }: { signIn: SignIn | null }) {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const title = titleOf(route);
  const key = JSON.stringify(route);
  useEffect(() => {
    document.title = title ? `${title} – Threat Lookup` : 'Threat Lookup';
    window.scrollTo(0, 0);
    if (route.page !== 'home') main.current?.focus(); // so that screen readers read the new page
  }, [key]); // the key has all of the route
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the content</a>
      <header className="bar-top">
        <a className="brand" href="#/"><img src="./icon.svg" alt="" /> Threat Lookup</a>
        {route.page !== 'home' && <SearchBox id="search" />}
        <nav aria-label="Pages">
          <NavLink to="articles" here={route}>Articles</NavLink>
          <NavLink to="profiles" here={route}>Profiles</NavLink>
        </nav>
        <div className="account">
          {signIn && <Account signIn={signIn} />}
          <ThemeButton />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Skeleton rows={5} what="the page" />}>
          <Page key={key} route={route} />
        </Suspense>
      </main>
    </>
  );
}

function NavLink({ to, here, children }: { to: 'articles' | 'profiles'; here: Route; children: ReactNode }) {
  return <a href={`#/${to}`} aria-current={here.page === to ? 'page' : undefined}>{children}</a>;
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'home': return <Home />;
    case 'fingerprint': return <FingerprintView sha1={route.sha1} />;
    case 'compare': return <Compare hosts={route.hosts} />;
    case 'list': return <Bulk text={route.text} />;
    case 'articles':
    case 'profiles': return <Reading list={route.page} />;
    case 'thing': return <ThingPage thing={route.thing} trail={route.trail} />;
    case 'missing': return <p>There is no such page. <a href="#/">Search</a></p>;
  }
}

function ThingPage({ thing, trail }: { thing: Thing; trail: Thing[] }) {
  switch (thing.kind) {
    case 'host': return <HostView id={thing.id} trail={trail} />;
    case 'certificate': return <CertificateView id={thing.id} trail={trail} />;
    default: return <Reading thing={thing} trail={trail} />;
  }
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'thing': return route.thing.kind === 'host' || route.thing.kind === 'vulnerability' ? route.thing.id : route.thing.kind;
    case 'compare': return `${route.hosts[0]} and ${route.hosts[1]}`;
    case 'list': return 'Table';
    case 'fingerprint': return route.sha1;
    case 'articles': return 'Articles';
    case 'profiles': return 'Profiles';
    case 'missing': return 'No such page';
    case 'home': return '';
  }
}

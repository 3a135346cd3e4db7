import type { Asked } from '../api/useAsk';
import { readFragment } from '../gql';
import type { HostPageQuery } from '../gql/graphql';
import { CopyButton } from '../parts/copy';
import { Fact, Facts } from '../parts/facts';
import { Panel } from '../parts/section';
import { Day } from '../parts/time';
import { VerdictBadge, verdictOf } from '../parts/verdict';
import { problemAt } from '../api/problems';
import { CompareForm } from '../compare/form';
import { HostReputation } from './documents';
import type { HostRef } from './parts';

type HeadProps = { id: string; host: HostRef | null | undefined; asked: Asked<HostPageQuery> };

export function HostHead({ id, host, asked }: HeadProps) {
  return (
    <header className="page-head">
      <div>
        <h1><bdi>{host?.id ?? id}</bdi></h1>
        <p className="sub">{host ? (host.__typename === 'IpAddress' ? 'IP address' : 'Host name') : 'Host'} <HeadVerdict host={host} asked={asked} /></p>
      </div>
      <div className="actions">
        <CopyButton text={host?.id ?? id} />
        <CompareForm with={host?.id ?? id} />
      </div>
    </header>
  );
}

/** No verdict is shown where it could not be fetched: it is not unknown then. */
function HeadVerdict({ host, asked }: Omit<HeadProps, 'id'>) {
  if (asked.loading || problemAt(asked.problems, ['host', 'reputation'])) return null;
  const reputation = host && readFragment(HostReputation, host).reputation;
  if (!reputation && asked.arriving) return null;
  return <VerdictBadge verdict={verdictOf(reputation)} score={reputation?.score} />;
}

export function Owner({ host }: { host: HostRef }) {
  return (
    <Panel title="Owner and sightings">
      <div className="panel-body">
        <Facts>
          {host.__typename === 'IpAddress' ? <AddressFacts host={host} /> : <NameFacts host={host} />}
          <Fact name="First seen"><Day time={host.firstSeenDateTime} /></Fact>
          <Fact name="Last seen"><Day time={host.lastSeenDateTime} /></Fact>
        </Facts>
      </div>
    </Panel>
  );
}

function AddressFacts({ host }: { host: Extract<HostRef, { __typename: 'IpAddress' }> }) {
  const as = host.autonomousSystem;
  return (
    <>
      <Fact name="Network">{as && <>{as.organization ?? as.name} {as.number !== null && <span className="quiet">AS{as.number}</span>}</>}</Fact>
      <Fact name="Netblock">{host.netblock && <code>{host.netblock}</code>}</Fact>
      <Fact name="Hosting provider">{host.hostingProvider}</Fact>
      <Fact name="Country or region">{host.countryOrRegion}</Fact>
    </>
  );
}

function NameFacts({ host }: { host: Extract<HostRef, { __typename: 'Hostname' }> }) {
  return (
    <>
      <Fact name="Registrant">{host.registrant}</Fact>
      <Fact name="Registrar">{host.registrar}</Fact>
    </>
  );
}

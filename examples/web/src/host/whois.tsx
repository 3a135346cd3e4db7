import { readFragment } from '../gql';
import type { WhoisStateFragment } from '../gql/graphql';
import { Fact, Facts } from '../parts/facts';
import { Panel, Part } from '../parts/section';
import { count, present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { changesOf, nameserversOf, partyOf, type Step } from './changes';
import { HostWhois, WhoisState } from './documents';
import { arrived, type PartOfHost } from './parts';

/** The current WHOIS record, and what changed from each record to the next. */
export function Whois({ host, asked }: PartOfHost) {
  const whois = arrived(HostWhois, host)?.whois;
  return (
    <Panel title="WHOIS">
      <Part what="WHOIS record" asked={asked} path={['host', 'whois']} value={whois}>
        {(record) => {
          const current = readFragment(WhoisState, record);
          return (
            <>
              <Current record={current} />
              <Part what="former WHOIS records" asked={asked} path={['host', 'whois', 'history']} value={record.history}>
                {(history) => <Changes steps={changesOf([current, ...present(history.nodes).map((node) => readFragment(WhoisState, node))])} />}
              </Part>
            </>
          );
        }}
      </Part>
    </Panel>
  );
}

function Current({ record }: { record: WhoisStateFragment }) {
  const servers = nameserversOf(record);
  return (
    <div className="panel-body">
      <Facts>
        <Fact name="Registrar">{visible(partyOf(record.registrar))}</Fact>
        <Fact name="Registrant">{visible(partyOf(record.registrant))}</Fact>
        <Fact name="Registrant’s e-mail">{record.registrant?.email && <bdi className="mono">{visible(record.registrant.email)}</bdi>}</Fact>
        <Fact name="Registered"><Day time={record.registrationDateTime} /></Fact>
        <Fact name="Expires"><Day time={record.expirationDateTime} /></Fact>
        <Fact name="Last updated"><Day time={record.lastUpdateDateTime} /></Fact>
        <Fact name="Status">{record.domainStatus && visible(record.domainStatus)}</Fact>
        <Fact name="Name servers">{servers.length > 0 && servers.map((id) => <div key={id}><ThingLink thing={{ kind: 'host', id }} /></div>)}</Fact>
      </Facts>
    </div>
  );
}

function Changes({ steps }: { steps: Step[] }) {
  const changed = steps.filter((step) => step.changes.length > 0);
  return (
    <>
      <h3 className="sub-head">What changed</h3>
      {changed.length === 0 && <p className="footnote">Nothing changed in {count(steps.length + 1, 'record')}.</p>}
      <ol className="changes">
        {changed.map((step, i) => (
          <li key={i}>
            <Day time={step.time} />
            <ul>
              {step.changes.map(({ what, before, after }) => (
                <li key={what}>
                  <span className="quiet">{what}</span> <del>{visible(before) || 'none'}</del> <span aria-hidden="true">→</span> <ins>{visible(after) || 'none'}</ins>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </>
  );
}

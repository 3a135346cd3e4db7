import type { OperationVariables, TypedDocumentNode } from '@apollo/client';

import type { Asked } from '../api/useAsk';
import { readFragment, type FragmentType } from '../gql';
import type { IndicatorRowFragment } from '../gql/graphql';
import { countOf, More, type Connection } from '../parts/list';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible, words } from '../parts/text';
import { listUrl } from '../routing/route';
import { ThingLink } from '../routing/useRoute';
import { IndicatorRow } from './documents';

type Indicators = Connection & { nodes: readonly (FragmentType<typeof IndicatorRow> | null)[] };

type IndicatorListProps<Variables> = {
  asked: Asked<unknown>;
  path: string[];
  value: Indicators | null | undefined;
  more: TypedDocumentNode<unknown, Variables>;
  variables: Variables;
};

/** The indicators of an article or a profile, with a way to the table of all hosts among them. */
export function IndicatorList<Variables extends OperationVariables>({ asked, path, value, more, variables }: IndicatorListProps<Variables>) {
  return (
    <Panel title="Indicators" note={value && countOf(value)}>
      <Part what="indicators" asked={asked} path={path} value={value} rows={6}>
        {(list) => {
          const rows = present(list.nodes).map((node) => readFragment(IndicatorRow, node));
          const hosts = rows.filter(isHost).map(({ artifact }) => artifact?.id ?? '');
          return (
            <>
              {rows.length === 0 && <Empty>No indicators are named.</Empty>}
              {hosts.length > 1 && <p className="footnote"><a className="button" href={listUrl(hosts)}>Look up these {hosts.length} hosts</a></p>}
              <ul className="rows">{rows.map((row) => <IndicatorItem key={row.id} row={row} />)}</ul>
              <More what="indicators" connection={list} document={more} variables={variables} />
            </>
          );
        }}
      </Part>
    </Panel>
  );
}

const isHost = ({ artifact }: IndicatorRowFragment): boolean => artifact?.__typename === 'Hostname' || artifact?.__typename === 'IpAddress';

function IndicatorItem({ row }: { row: IndicatorRowFragment }) {
  const { artifact } = row;
  const text = artifact?.__typename === 'UnclassifiedArtifact' ? artifact.value ?? artifact.id : artifact?.id;
  return (
    <li>
      {isHost(row) && artifact ? <ThingLink thing={{ kind: 'host', id: artifact.id }} /> : <bdi className="mono">{visible(text ?? 'not known')}</bdi>}
      {row.source && <span className="quiet">{words(row.source)}</span>}
    </li>
  );
}

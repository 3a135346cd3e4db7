import type { FragmentType } from '../gql';
import { readFragment } from '../gql';
import type { ComparedFragment } from '../gql/graphql';
import { DnsRecord, HostCertificates, HostDns, HostPorts, HostTrackers, WhoisState } from '../host/documents';
import { nameserversOf, partyOf } from '../host/changes';
import { present } from '../parts/text';
import type { Value } from './model';

export const properties = ['Certificates', 'DNS', 'Trackers', 'Name servers', 'Registrant', 'Registrar', 'Network', 'Netblock', 'Country or region', 'Open ports', 'Software'];

const one = (label: string | null | undefined): Value[] | undefined => (label ? [{ key: label.toLowerCase(), label }] : undefined);

/** Returns what can be compared of a host, by name. A list that is null is not known. */
export function valuesOf(host: ComparedFragment): Map<string, Value[] | undefined> {
  const whois = host.whois && readFragment(WhoisState, host.whois);
  const ports = readFragment(HostPorts, host).ports;
  return new Map([
    ['Certificates', certificates(host)],
    ['DNS', dns(host)],
    ['Trackers', trackers(host)],
    ['Name servers', whois ? nameserversOf(whois).map((id) => ({ key: id, label: id, thing: { kind: 'host', id } })) : undefined],
    ['Registrant', one(whois ? partyOf(whois.registrant) : undefined)],
    ['Registrar', one(whois ? partyOf(whois.registrar) : undefined)],
    ...network(host),
    ['Open ports', ports ? present(ports.nodes).map(({ port, protocol }) => ({ key: `${port}/${protocol}`, label: `${port}/${protocol?.toLowerCase()}` })) : undefined],
    ['Software', ports ? unique(present(ports.nodes).flatMap(({ services }) => present(services).map(({ component }) => component?.name ?? ''))) : undefined],
  ]);
}

function network(host: ComparedFragment): [string, Value[] | undefined][] {
  if (host.__typename !== 'IpAddress') return [];
  const as = host.autonomousSystem;
  return [
    ['Network', as && as.number !== null ? [{ key: String(as.number), label: `AS${as.number} ${as.organization ?? as.name ?? ''}` }] : undefined],
    ['Netblock', one(host.netblock)],
    ['Country or region', one(host.countryOrRegion)],
  ];
}

function certificates(host: FragmentType<typeof HostCertificates>): Value[] | undefined {
  const list = readFragment(HostCertificates, host).sslCertificates;
  return list?.nodes.map((node) => node?.sslCertificate).filter((certificate) => certificate !== null && certificate !== undefined)
    .map(({ id, sha1, subject }) => ({ key: id, label: subject?.commonName ?? sha1 ?? id, thing: { kind: 'certificate', id } }));
}

function dns(host: FragmentType<typeof HostDns>): Value[] | undefined {
  const { passiveDns, passiveDnsReverse } = readFragment(HostDns, host);
  if (!passiveDns && !passiveDnsReverse) return undefined;
  const artifacts = [...present(passiveDns?.nodes), ...present(passiveDnsReverse?.nodes)].map((node) => readFragment(DnsRecord, node).artifact);
  return artifacts.filter((artifact) => artifact?.__typename === 'Hostname' || artifact?.__typename === 'IpAddress')
    .map((artifact) => ({ key: artifact?.id ?? '', label: artifact?.id ?? '', thing: { kind: 'host', id: artifact?.id ?? '' } }));
}

function trackers(host: FragmentType<typeof HostTrackers>): Value[] | undefined {
  const list = readFragment(HostTrackers, host).trackers;
  return list ? present(list.nodes).map(({ kind, value }) => ({ key: `${kind} ${value}`, label: `${kind ?? ''} ${value ?? ''}` })) : undefined;
}

const unique = (labels: string[]): Value[] => [...new Set(labels)].filter(Boolean).map((label) => ({ key: label.toLowerCase(), label }));

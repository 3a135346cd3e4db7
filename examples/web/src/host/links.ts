import { problemAt, type Problem } from '../api/problems';
import { readFragment } from '../gql';
import type { DnsRecordFragment } from '../gql/graphql';
import { present } from '../parts/text';
import { verdictOf } from '../parts/verdict';
import type { Learned } from '../picture/model';
import { DnsRecord, HostCertificates, HostDns, HostReputation, HostSubdomains } from './documents';
import { arrived, type HostRef } from './parts';
import { subdomainName } from './subdomain';

/** What a host's page teaches the graph: the host's verdict, and what it is linked to. */
export function linksOfHost(host: HostRef, problems: Problem[]): Learned {
  const { reputation } = readFragment(HostReputation, host);
  const certificates = present(arrived(HostCertificates, host)?.sslCertificates?.nodes).map(({ sslCertificate }) => sslCertificate);
  const dns = arrived(HostDns, host);
  const records = [...present(dns?.passiveDns?.nodes), ...present(dns?.passiveDnsReverse?.nodes)];
  return {
    // What could not be fetched is undecided, not unknown.
    verdict: reputation || !problemAt(problems, ['host', 'reputation']) ? verdictOf(reputation) : undefined,
    links: [
      ...certificates.filter((certificate) => certificate !== null).map((certificate) => ({
        thing: { kind: 'certificate' as const, id: certificate.id }, label: certificate.subject?.commonName ?? certificate.sha1 ?? undefined, by: 'showed',
      })),
      ...records.map((node) => linkOfRecord(readFragment(DnsRecord, node))).filter((link) => link !== null),
      ...present(arrived(HostSubdomains, host)?.subdomains?.nodes).map((subdomain) => ({
        thing: { kind: 'host' as const, id: subdomainName(subdomain) }, by: 'subdomain',
      })),
    ],
  };
}

function linkOfRecord({ artifact, recordType }: DnsRecordFragment): Learned['links'][number] | null {
  if (artifact?.__typename !== 'Hostname' && artifact?.__typename !== 'IpAddress') return null;
  return { thing: { kind: 'host', id: artifact.id }, by: recordType ?? 'DNS' };
}

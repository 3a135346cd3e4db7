import { lastValueFrom, tap, timeout } from 'rxjs';

import { createClient } from './client.js';
import type { RelatedHostFragment } from './operations.generated.js';
import { pivot, type Stage } from './pivot.js';

const [port = 'MTkyLjAuMi4xJCQ0NDM=', uri = 'http://localhost:8080/graphql'] = process.argv.slice(2);

const stages = pivot(createClient(uri), { port, hosts: 10 }).pipe(tap(show), timeout(30_000));
const { error } = await lastValueFrom(stages).catch((error: Error) => ({ error }));
if (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Prints what a stage adds to the one before. */
function show({ data, loading }: Stage): void {
  if (!data) {
    return;
  }
  const { host, port, mostRecentSslCertificate: certificate } = data.hostPort ?? {};
  if (!certificate) {
    console.log('There is no such port, or it shows no certificate.');
  } else if (loading) {
    console.log(`${host?.id} shows ${certificate.subject?.commonName} on port ${port}.`);
  } else if (certificate.relatedHosts) {
    console.log(`Hosts that showed it: ${certificate.relatedHosts.totalCount}`);
    console.log(certificate.relatedHosts.nodes.map((related) => related && `  ${describe(related)}`).join('\n'));
  }
}

/** One line about a host, such as `192.0.2.1 (MALICIOUS 90): 22 OpenSSH 8.2p1, 53`. */
function describe({ id, reputation, ports }: RelatedHostFragment): string {
  const open = (ports?.nodes ?? []).map((port) => {
    const software = port?.services?.map((service) => join([service?.component?.name, service?.component?.version], ' '));
    return join([port?.port, join(software ?? [], ' + ')], ' ');
  });
  const verdict = join([reputation?.classification, reputation?.score], ' ') || 'no reputation';
  return `${id} (${verdict}): ${join(open, ', ')}`;
}

/** Joins what is there. */
function join(parts: readonly unknown[], separator: string): string {
  return parts.filter((part) => part != null && part !== '').join(separator);
}

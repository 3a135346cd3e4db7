import assert from 'node:assert/strict';
import { test } from 'node:test';

import { destinationOf } from './destination.ts';
import { findIndicators } from './indicators.ts';

const sha1 = 'd89e3bd43d5d909b47a18977aa9d5ce36cee184c';

const rows: [title: string, text: string, hosts: string[], cves?: string[], fingerprints?: string[]][] = [
  ['a host name', 'www.example.com', ['www.example.com']],
  ['a defanged URL', 'see hxxps://evil[.]example[.]com/a.exe', ['evil.example.com']],
  ['dots in words and other brackets', 'a[dot]example(.)com', ['a.example.com']],
  ['a defanged address with a port', '192[.]0[.]2[.]7:8080', ['192.0.2.7']],
  ['an IPv6 address', 'from 2001:DB8::1 at 10:30:00', ['2001:db8::1']],
  ['a name in another script', 'bücher.example', ['xn--bcher-kva.example']],
  ['an e-mail address has a host', 'mail a@example.org', ['example.org']],
  ['files are not hosts', 'invoice.exe and report.pdf', []],
  ['versions are not addresses', 'version 1.2.3.4.5', []],
  ['an address beyond 255', '300.1.1.1', []],
  ['a CVE id with another dash', 'cve\u20132023\u20131234', [], ['CVE-2023-1234']],
  ['a fingerprint', sha1.toUpperCase(), [], [], [sha1]],
  ['a fingerprint with colons', sha1.replace(/..(?!$)/g, '$&:'), [], [], [sha1]],
  ['the same host twice', 'a.example A.EXAMPLE', ['a.example']],
];

for (const [title, text, hosts, cves = [], fingerprints = []] of rows) {
  test(title, () => {
    const found = findIndicators(text);
    assert.deepEqual({ hosts: found.hosts, cves: found.cves, fingerprints: found.fingerprints }, { hosts, cves, fingerprints });
  });
}

test('hashes of other lengths are named, and not searched', () => {
  assert.deepEqual(findIndicators('a'.repeat(64)).unsearchable, ['a'.repeat(64)]);
});

test('lines beyond the limit are counted', () => {
  const found = findIndicators(Array.from({ length: 1002 }, (_, i) => `h${i}.example`).join('\n'));
  assert.equal(found.hosts.length, 1000);
  assert.equal(found.ignoredLines, 2);
});

test('one indicator leads to its page, several to the table, none nowhere', () => {
  assert.equal(destinationOf('hxxp://www[.]example[.]com/'), '#/host/www.example.com');
  assert.equal(destinationOf('CVE-2023-1234'), '#/vulnerability/CVE-2023-1234');
  assert.equal(destinationOf(sha1), `#/fingerprint/${sha1}`);
  assert.equal(destinationOf('a.example, 192.0.2.1'), '#/list?of=a.example+192.0.2.1');
  assert.equal(destinationOf('what is this?'), null);
});

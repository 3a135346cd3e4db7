// Packs what vite built into ../dist, one gzip file an asset: what `//go:embed` finds there. Node's gzip writes no time and
// no name, so equal assets give equal bytes. The page itself comes last: its presence says that the rest is complete.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [from, to, page] = ['dist', '../dist', 'index.html'];

for (const name of readdirSync(to)) {
  if (name !== '.keep') rmSync(join(to, name), { recursive: true });
}

const files = readdirSync(from, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1))
  .sort((a, b) => (a === page) - (b === page) || (a < b ? -1 : 1));

let plain = 0;
let packed = 0;
for (const file of files) {
  const bytes = readFileSync(join(from, file));
  const gz = gzipSync(bytes, { level: 9 });
  plain += bytes.length;
  packed += gz.length;
  const target = join(to, `${file}.gz`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, gz);
}

const mb = (n) => (n / 1e6).toFixed(2);
console.log(`playground: ${files.length} files, ${mb(plain)} MB, ${mb(packed)} MB gzipped`);

// After `npm install`: npm leaves prebuilt packages for other platforms out of package-lock.json when its registry does not serve them, and `npm ci` then refuses
// the file. This adds the entry that each of them lacks, with the platform that its name tells; npm fetches one only on that platform.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-state.mjs';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = missingEntries(lock.packages);
if (added.length > 0) {
  const entries = [...Object.entries(lock.packages), ...added];
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: added ${added.length} packages of other platforms`);
}

function missingEntries(packages) {
  const missing = new Map();
  for (const [owner, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      if (packages[`${owner}/${path}`]?.version || packages[path]?.version) continue;
      const { os, cpu, libc } = platformOf(name);
      missing.set(path, { version, cpu, dev, libc, optional: true, os });
    }
  }
  return [...missing];
}

function platformOf(name) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (os === undefined || cpu === undefined) {
    throw new Error(
      `"${name}" is missing from package-lock.json and its name tells no platform; add it by hand`,
    );
  }
  const isMusl = words.some((word) => word.startsWith('musl'));
  return { os: [os], cpu: [cpu], libc: os === 'linux' ? [isMusl ? 'musl' : 'glibc'] : undefined };
}

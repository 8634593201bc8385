// `npm run pack`: the packages as they are published, as tarballs in .cache/packed: built files only, without the condition that leads to sources.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runBuild } from './build.mjs';
import { root } from './build-state.mjs';

/** Builds and packs every package that is not private. Returns the paths of the tarballs. */
export async function packAll(outputFolder = join(root, '.cache/packed')) {
  if ((await runBuild()) !== 0) throw new Error('the build failed; nothing was packed');
  rmSync(outputFolder, { recursive: true, force: true });
  return packageFolders()
    .map((folder) => stage(folder, join(outputFolder, 'staged')))
    .map((staged) => pack(staged, outputFolder));
}

function packageFolders() {
  return ['packages', 'connectors']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .filter((folder) => readManifest(folder).private !== true);
}

function stage(folder, stagedFolder) {
  const manifest = withoutSources(readManifest(folder));
  const staged = join(stagedFolder, manifest.name.replace('@tributary/', ''));
  mkdirSync(staged, { recursive: true });
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of manifest.files ?? []) {
    cpSync(join(folder, file), join(staged, file), { recursive: true, filter: isPublished });
  }
  cpSync(join(root, 'LICENSE'), join(staged, 'LICENSE'));
  if (existsSync(join(folder, 'README.md')))
    cpSync(join(folder, 'README.md'), join(staged, 'README.md'));
  return staged;
}

/** Maps lead to sources that are not published; stamps are the builder's own. */
function isPublished(path) {
  return !/[.]map$|[.]tsbuildinfo$|[.]built$/.test(path);
}

function withoutSources(manifest) {
  const strip = (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => key !== '@tributary/source');
    return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner)]));
  };
  return { ...manifest, exports: strip(manifest.exports) };
}

function pack(staged, outputFolder) {
  const result = spawnSync('npm', ['pack', '--json', '--pack-destination', outputFolder], {
    cwd: staged,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (result.status !== 0) throw new Error(`npm pack failed in ${staged}`);
  const report = JSON.parse(result.stdout);
  const { filename } = Array.isArray(report) ? report[0] : Object.values(report)[0];
  return join(outputFolder, filename);
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const tarball of await packAll()) console.log(tarball);
}

// Packages that every process of the worker loads are published as one file: Node takes about 0.3 ms and 0.1 MiB for each file of a package.
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './build-state.mjs';

/** Their `exports` name `dist/bundle.js`; the other files in dist/ are its declarations. */
const bundledPackages = ['wire', 'kafka'];

/** Makes `dist/bundle.js` of what the compiler left in dist/. */
export async function bundlePackages() {
  for (const name of bundledPackages) {
    const dist = join(root, 'packages', name, 'dist');
    await bundle(join(dist, 'index.js'), join(dist, 'bundle.js'));
  }
}

/** One file of `input` and what it imports from its own package; `paths` renames imports of others. */
export async function bundle(input, file, paths = {}) {
  const build = await rolldown({
    input,
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  });
  try {
    await build.write({ file, format: 'esm', paths, codeSplitting: false, sourcemap: true });
  } finally {
    await build.close();
  }
}

import { fileURLToPath } from 'node:url';

/** Path of another module of this package, by its path from `importMetaUrl` without ending: sources run unbuilt, a build has `.js`. */
export function siblingFile(importMetaUrl: string, name: string): string {
  const ending = importMetaUrl.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${ending}`, importMetaUrl));
}

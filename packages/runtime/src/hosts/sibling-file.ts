import { fileURLToPath } from 'node:url';

/** Path of a module beside `importMetaUrl`, by its name without ending: sources run unbuilt, a build has `.js`. */
export function siblingFile(importMetaUrl: string, name: string): string {
  const ending = importMetaUrl.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${ending}`, importMetaUrl));
}

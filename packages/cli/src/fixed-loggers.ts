import type { Loggers } from '@tributary/rest';
import { HerderError } from '@tributary/runtime';

/** For `/admin/loggers`: one level for all, which REST shows and cannot change. */
export function fixedLoggers(level: string): Loggers {
  const root = { level, last_modified: null };
  return {
    list: () => ({ root }),
    get: (name) => (name === 'root' ? root : null),
    set: () =>
      Promise.reject(new HerderError(500, 'Log levels of this worker cannot be changed over REST')),
  };
}

/** What the guard thread reads, as Int32 in a SharedArrayBuffer. */
export const watchFields = {
  /** Counts turns of the event loop, about five a second. */
  beat: 0,
  /** Run whose method is on the stack, 0 for a call without a run, -1 for none, and the method's place in `watchedMethods`. */
  runId: 1,
  method: 2,
  count: 3,
} as const;

/** Called once per batch or rarer; what runs per record (`commitRecord`, `apply`) is found by its context alone. */
export const watchedMethods = [
  'initialize',
  'start',
  'poll',
  'put',
  'commit',
  'flush',
  'preCommit',
  'open',
  'close',
  'stop',
  'taskConfigs',
  'alterOffsets',
  'exactlyOnceSupport',
  'canDefineTransactionBoundaries',
  'validate',
  'pluginConfig',
  'convert',
  'createTask',
  'createConnector',
] as const;

/** Under this name the main thread answers with the run whose code is on the stack, as JSON of a `Suspect`. */
export const whoRunsKey = 'tributary.whoRuns';

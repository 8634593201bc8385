export * from './herder/errors.ts';
export * from './herder/herder.ts';
export * from './herder/validation-result.ts';

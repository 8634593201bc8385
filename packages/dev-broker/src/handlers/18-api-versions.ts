import { type ApiVersionsResponse, apiVersionsApi, errorCodes } from '@tributary/wire';
import { defineHandler, type ServedApi } from '../handler.ts';

// Versions 0-4. A newer version is answered in version 0 with UNSUPPORTED_VERSION. Left out: feature levels, there are none
// (so that clients take the transaction protocol of version 1).

export const apiVersions = defineHandler({
  api: apiVersionsApi,
  minVersion: 0,
  maxVersion: 4,
  handle: (_, __, { servedApis }) => ({ errorCode: errorCodes.NONE, apiKeys: servedApis }),
  fail: (_, errorCode) => ({ errorCode, apiKeys: [] }),
});

/** For a version that is not served, in the form of version 0. */
export function refusedApiVersions(servedApis: readonly ServedApi[]): ApiVersionsResponse {
  return { errorCode: errorCodes.UNSUPPORTED_VERSION, apiKeys: servedApis };
}

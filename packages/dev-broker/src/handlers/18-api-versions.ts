import { type ApiVersionsResponse, apiVersionsApi, errorCodes } from '@tributary/wire';
import { defineHandler, type ServedApi } from '../handler.ts';

// Versions 0-4. A newer version is answered in version 0 with UNSUPPORTED_VERSION. The one feature is transaction.version, by which clients choose their
// transaction protocol.

const transactionVersion = 'transaction.version';

export const apiVersions = defineHandler({
  api: apiVersionsApi,
  minVersion: 0,
  maxVersion: 4,
  handle(broker, _, { servedApis }) {
    const level = broker.config[transactionVersion];
    return {
      errorCode: errorCodes.NONE,
      apiKeys: servedApis,
      supportedFeatures: [{ name: transactionVersion, minVersion: 0, maxVersion: 2 }],
      finalizedFeaturesEpoch: 1n,
      finalizedFeatures:
        level > 0
          ? [{ name: transactionVersion, minVersionLevel: level, maxVersionLevel: level }]
          : [],
    };
  },
  fail: (_, errorCode) => ({ errorCode, apiKeys: [] }),
});

/** For a version that is not served, in the form of version 0. */
export function refusedApiVersions(servedApis: readonly ServedApi[]): ApiVersionsResponse {
  return { errorCode: errorCodes.UNSUPPORTED_VERSION, apiKeys: servedApis };
}

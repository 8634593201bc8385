import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { array, boolean, int16, int32, int64, string } from '../schema.ts';

/**
 * What a broker speaks. Its response has the oldest header in every version; a request of an unknown version is answered with version 0 and UNSUPPORTED_VERSION.
 */
export const apiVersionsApi = defineApi({
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  request: {
    clientSoftwareName: string({ versions: '3+', ignorable: true }),
    clientSoftwareVersion: string({ versions: '3+', ignorable: true }),
  },
  response: {
    errorCode: int16(),
    apiKeys: array({
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32({ versions: '1+', default: 0, ignorable: true }),
    supportedFeatures: array(
      {
        name: string(),
        minVersion: int16(),
        maxVersion: int16(),
      },
      { versions: '3+', ignorable: true, tag: 0 },
    ),
    finalizedFeaturesEpoch: int64({ versions: '3+', default: -1n, ignorable: true, tag: 1 }),
    finalizedFeatures: array(
      {
        name: string(),
        maxVersionLevel: int16(),
        minVersionLevel: int16(),
      },
      { versions: '3+', ignorable: true, tag: 2 },
    ),
    zkMigrationReady: boolean({ versions: '3+', default: false, ignorable: true, tag: 3 }),
  },
});

export type ApiVersionsRequest = RequestOf<typeof apiVersionsApi>;
export type ApiVersionsResponse = ResponseOf<typeof apiVersionsApi>;

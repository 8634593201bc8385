import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { array, boolean, int8, int16, int32, string } from '../schema.ts';

/**
 * Configurations of topics (resource type 2) and brokers (4); keys null: all. Values of sensitive keys are null.
 */
export const describeConfigsApi = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 4,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: array(string(), { nullable: '0+' }),
    }),
    includeSynonyms: boolean({ default: false }),
    includeDocumentation: boolean({ versions: '3+', default: false }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
        readOnly: boolean(),
        configSource: int8({ default: -1, ignorable: true }),
        isSensitive: boolean(),
        synonyms: array(
          {
            name: string(),
            value: string({ nullable: '0+' }),
            source: int8(),
          },
          { ignorable: true },
        ),
        configType: int8({ versions: '3+', default: 0, ignorable: true }),
        documentation: string({ versions: '3+', nullable: '0+', ignorable: true }),
      }),
    }),
  },
});

export type DescribeConfigsRequest = RequestOf<typeof describeConfigsApi>;
export type DescribeConfigsResponse = ResponseOf<typeof describeConfigsApi>;

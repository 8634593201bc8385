import { describeClusterApi, errorCodes } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-2: one broker, which is the controller. Left out: authorised operations, controllers as endpoints.

const brokersEndpoint = 1;

export const describeCluster = defineHandler({
  api: describeClusterApi,
  minVersion: 0,
  maxVersion: 2,
  handle(broker, { endpointType }) {
    const { clusterId, config, address } = broker;
    if (endpointType !== brokersEndpoint) {
      const errorMessage = 'The dev broker has no endpoint for controllers';
      return {
        errorCode: errorCodes.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage,
        clusterId,
        brokers: [],
      };
    }
    const nodeId = config['node.id'];
    return {
      errorCode: errorCodes.NONE,
      clusterId,
      controllerId: nodeId,
      brokers: [{ brokerId: nodeId, ...address }],
    };
  },
  fail: (_, errorCode) => ({ errorCode, clusterId: '', brokers: [] }),
});

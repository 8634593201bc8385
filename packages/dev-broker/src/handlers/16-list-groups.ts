import { errorCodes, listGroupsApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-5, filtered by state and type. Every group is a classic one.

export const listGroups = defineHandler({
  api: listGroupsApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, { statesFilter, typesFilter }) {
    const states = statesFilter.map((one) => one.toLowerCase());
    const types = typesFilter.map((one) => one.toLowerCase());
    const wanted = broker.allGroups().filter(({ status }) => {
      const hasState = states.length === 0 || states.includes(status.toLowerCase());
      return hasState && (types.length === 0 || types.includes('classic'));
    });
    return {
      errorCode: errorCodes.NONE,
      groups: wanted.map(({ groupId, protocolType, status }) => {
        return { groupId, protocolType, groupState: status, groupType: 'classic' };
      }),
    };
  },
  fail: (_, errorCode) => ({ errorCode, groups: [] }),
});

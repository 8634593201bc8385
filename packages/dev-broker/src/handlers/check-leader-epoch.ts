import { errorCodes } from '@tributary/wire';

/** There is one leader for ever, so its epoch stays 0. -1: the client does not ask. */
export function checkLeaderEpoch(epoch: number): number {
  if (epoch > 0) return errorCodes.UNKNOWN_LEADER_EPOCH;
  return epoch < -1 ? errorCodes.FENCED_LEADER_EPOCH : errorCodes.NONE;
}

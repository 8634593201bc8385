import { errorCodes, saslHandshakeApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { saslMechanisms } from '../security/plain-session.ts';

// Version 1, mechanism PLAIN. Left out: version 0, whose tokens come without a request header.

export const saslHandshake = defineHandler({
  api: saslHandshakeApi,
  minVersion: 1,
  maxVersion: 1,
  handle(_, { mechanism }, { sasl }) {
    if (sasl?.status !== 'initial') {
      return { errorCode: errorCodes.ILLEGAL_SASL_STATE, mechanisms: [] };
    }
    const isServed = sasl.chooseMechanism(mechanism);
    const errorCode = isServed ? errorCodes.NONE : errorCodes.UNSUPPORTED_SASL_MECHANISM;
    return { errorCode, mechanisms: saslMechanisms };
  },
  fail: (_, errorCode) => ({ errorCode, mechanisms: [] }),
});

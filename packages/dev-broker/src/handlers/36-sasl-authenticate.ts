import { errorCodes, type SaslAuthenticateResponse, saslAuthenticateApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-2. Left out: sessions that end (sessionLifetimeMs is 0), so that no client authenticates again.

export const saslAuthenticate = defineHandler({
  api: saslAuthenticateApi,
  minVersion: 0,
  maxVersion: 2,
  handle(_, { authBytes }, { sasl }) {
    if (sasl?.status !== 'handshaken') {
      const message = 'SaslAuthenticate request received after successful authentication';
      return answer(errorCodes.ILLEGAL_SASL_STATE, message);
    }
    const problem = sasl.authenticate(authBytes);
    if (problem === undefined) return answer(errorCodes.NONE, '');
    return answer(errorCodes.SASL_AUTHENTICATION_FAILED, problem);
  },
  fail: (_, errorCode) => answer(errorCode, null),
});

function answer(errorCode: number, errorMessage: string | null): SaslAuthenticateResponse {
  return { errorCode, errorMessage, authBytes: Buffer.alloc(0) };
}

import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { bytes, int16, int64, string } from '../schema.ts';

/**
 * One step of a SASL exchange. sessionLifetimeMs above 0: authenticate again before it ends.
 */
export const saslAuthenticateApi = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    authBytes: bytes(),
  },
  response: {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ versions: '1+', default: 0n, ignorable: true }),
  },
});

export type SaslAuthenticateRequest = RequestOf<typeof saslAuthenticateApi>;
export type SaslAuthenticateResponse = ResponseOf<typeof saslAuthenticateApi>;

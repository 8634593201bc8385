import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, string } from '../schema.ts';

/**
 * Chooses the SASL mechanism. With version 1 the tokens follow in SaslAuthenticate.
 */
export const saslHandshakeApi = defineApi({
  key: 17,
  name: 'SaslHandshake',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: Number.POSITIVE_INFINITY,
  request: {
    mechanism: string(),
  },
  response: {
    errorCode: int16(),
    mechanisms: array(string()),
  },
});

export type SaslHandshakeRequest = RequestOf<typeof saslHandshakeApi>;
export type SaslHandshakeResponse = ResponseOf<typeof saslHandshakeApi>;

import type { CommonSettings } from '../config.ts';
import { postForm } from './oauthbearer/post-form.ts';
import { createSasl, type Sasl } from './sasl.ts';
import type { SaslDeps } from './sasl-mechanism.ts';
import { createTls, type TlsOptions } from './tls.ts';

/** How connections are opened: encrypted or not, with or without saying who one is. */
export interface Security {
  readonly tls: TlsOptions | null;
  readonly sasl: Sasl | null;
}

const machine: SaslDeps = {
  environment: process.env,
  post: postForm,
  now: Date.now,
  load: (name) => import(name),
};

/** Reads key and trust stores. Throws INVALID_CONFIG. */
export function createSecurity(settings: CommonSettings, deps: SaslDeps = machine): Security {
  const protocol = settings['security.protocol'];
  return {
    tls: protocol === 'SSL' || protocol === 'SASL_SSL' ? createTls(settings) : null,
    sasl: protocol.startsWith('SASL_') ? createSasl(settings, deps) : null,
  };
}

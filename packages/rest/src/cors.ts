import { ConfigError, compileJavaPattern, type JavaPattern } from '@tributary/sdk';

/** No origin is longer: a scheme, a name of 253 characters at most, a port. */
const maxOriginChars = 300;

export interface CorsRequest {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Access-Control-Request-Method`. */
  readonly requestedMethod: string | undefined;
}

/**
 * `access.control.*` -> the headers of an answer, or null when CORS is off. Each allowed origin is a regular expression over the whole origin; a lone `*` allows any. (no I/O)
 * Source: Jetty 12 `CrossOriginHandler`.
 */
export function createCors(
  config: Readonly<Record<string, string>>,
): ((request: CorsRequest) => Record<string, string>) | null {
  const origins = splitList(config['access.control.allow.origin']);
  if (origins.length === 0) return null;
  const patterns = origins.map(toPattern);
  const methods = splitList(config['access.control.allow.methods']);
  const allowedMethods = (methods.length === 0 ? ['GET', 'POST', 'HEAD'] : methods).join(',');
  return ({ method, origin, requestedMethod }) => {
    const headers: Record<string, string> = { Vary: 'Origin' };
    if (origin === undefined || origin.length > maxOriginChars) return headers;
    if (!patterns.some((pattern) => pattern.matches(origin))) return headers;
    headers['Access-Control-Allow-Origin'] = origin;
    if (method === 'OPTIONS' && requestedMethod !== undefined) {
      headers['Access-Control-Allow-Methods'] = allowedMethods;
      headers['Access-Control-Allow-Headers'] = 'Content-Type';
      headers['Access-Control-Max-Age'] = '60';
    }
    return headers;
  };
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function toPattern(origin: string): Pick<JavaPattern, 'matches'> {
  if (origin === '*') return { matches: () => true };
  try {
    return compileJavaPattern(`(?i)(?:${origin})`);
  } catch (cause) {
    throw new ConfigError('access.control.allow.origin', origin, 'not a regular expression', {
      cause,
    });
  }
}

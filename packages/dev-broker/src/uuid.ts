import { randomBytes } from 'node:crypto';
import { zeroUuid } from '@tributary/wire';

/** In Kafka's text form: 16 bytes in base64url. Never one that begins with a dash, which command lines take for an option. */
export function newUuid(): string {
  for (;;) {
    const text = randomBytes(16).toString('base64url');
    if (!text.startsWith('-') && text !== zeroUuid) return text;
  }
}

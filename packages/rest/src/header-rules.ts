import { ConfigError } from '@tributary/sdk';

export interface HeaderRule {
  readonly action: 'set' | 'add' | 'setDate' | 'addDate';
  readonly name: string;
  readonly value: string;
}

/**
 * `response.http.headers.config`: comma-separated `<action> <name>:<value>`, in double quotes when it contains commas. Date actions take ms from now. (no I/O)
 * Source: Kafka Connect `RestServerConfig` (KIP-577).
 */
export function parseHeaderRules(text: string | undefined): HeaderRule[] {
  return splitRules(text ?? '').map(parseRule);
}

export function headerValue(rule: HeaderRule, now: number): string {
  return rule.action.endsWith('Date')
    ? new Date(now + Number(rule.value)).toUTCString()
    : rule.value;
}

function splitRules(text: string): string[] {
  const parts = text.match(/\s*"[^"]*"\s*|[^,]+/g) ?? [];
  return parts
    .map((part) => part.trim().replace(/^"|"$/g, '').trim())
    .filter((part) => part !== '');
}

const actions = ['set', 'add', 'setDate', 'addDate'] as const;

function parseRule(rule: string): HeaderRule {
  const [, word, pair] = /^(\S+)\s+(.+)$/s.exec(rule) ?? [];
  if (word === undefined || pair === undefined) {
    throw new ConfigError(
      `Invalid format of header config '${rule}'. Expected: '[action] [header name]:[header value]'`,
    );
  }
  const action = actions.find((known) => known.toLowerCase() === word.toLowerCase());
  if (action === undefined) {
    throw new ConfigError(
      `Invalid header config action: '${word}'. Expected one of [${actions.join(', ')}]`,
    );
  }
  const [name = '', value = '', ...more] = pair.split(':').map((part) => part.trim());
  if (name === '' || value === '' || more.length > 0) {
    throw new ConfigError(
      `Invalid format of header name and header value pair '${pair}'. Expected: '[header name]:[header value]'`,
    );
  }
  if (/\s/.test(name)) {
    throw new ConfigError(
      `Invalid header name '${name}'. The '[header name]' cannot contain whitespace`,
    );
  }
  if (action.endsWith('Date') && !/^-?\d+$/.test(value)) {
    throw new ConfigError(
      `Invalid header value '${value}' of '${name}'. ${action} takes milliseconds`,
    );
  }
  return { action, name, value };
}

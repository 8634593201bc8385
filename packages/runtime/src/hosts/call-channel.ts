import { deserialize, serialize } from 'node:v8';
import { ConnectError } from '@tributary/sdk';
import { fromErrorInfo, toErrorInfo } from './error-info.ts';
import type { ErrorInfo } from './messages.ts';

/** Calls that one side may make of the other, by kind. */
export type Calls<T> = { [K in keyof T]: { body: unknown; reply: unknown } };

export interface CallChannel<Outgoing extends Calls<Outgoing>, OutgoingEvent> {
  /** Rejects with the other side's error, at the deadline, when the channel closes, or at once when it is full or the message too large. */
  call<K extends keyof Outgoing & string>(
    kind: K,
    body: Outgoing[K]['body'],
    options: { timeoutMs: number },
  ): Promise<Outgoing[K]['reply']>;
  /** Without an answer; in order with everything else. */
  emit(event: OutgoingEvent): void;
  /** What arrived. */
  receive(message: Uint8Array): void;
  /** Fails what is outstanding and everything that follows. */
  close(reason: Error): void;
}

export interface CallChannelOptions<Incoming extends Calls<Incoming>, IncomingEvent> {
  /** For messages of errors: `task host 2`, `the control process`. */
  readonly peer: string;
  send(message: Uint8Array): void;
  answer<K extends keyof Incoming & string>(
    kind: K,
    body: Incoming[K]['body'],
  ): Promise<Incoming[K]['reply']>;
  onEvent(event: IncomingEvent): void;
  /** A bound on calls without an answer, in either direction. */
  readonly maxOutstanding?: number;
  readonly maxMessageBytes?: number;
}

type Message =
  | { type: 'call'; id: number; kind: string; body: unknown }
  | { type: 'reply'; id: number; reply: unknown }
  | { type: 'error'; id: number; error: ErrorInfo }
  | { type: 'event'; event: unknown };

interface Outstanding {
  resolve(reply: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** Requests with replies and deadlines over a channel of small messages; each side has one. Replies may come in any order. */
export function createCallChannel<
  Outgoing extends Calls<Outgoing>,
  OutgoingEvent,
  Incoming extends Calls<Incoming>,
  IncomingEvent,
>(options: CallChannelOptions<Incoming, IncomingEvent>): CallChannel<Outgoing, OutgoingEvent> {
  const { peer, maxOutstanding = 1000, maxMessageBytes = 16 * 1024 * 1024 } = options;
  type Kind = keyof Incoming & string;
  const outstanding = new Map<number, Outstanding>();
  let lastId = 0;
  let beingAnswered = 0;
  let closedBy: Error | null = null;

  const send = (message: Message, what: string): void => {
    const bytes = serialize(message);
    if (bytes.byteLength > maxMessageBytes) {
      throw new ConnectError(
        `${what} to ${peer} has ${bytes.byteLength} bytes; at most ${maxMessageBytes} are allowed`,
        { code: 'TRB_HOST_MESSAGE_TOO_LARGE' },
      );
    }
    options.send(bytes);
  };

  const answer = async (id: number, kind: string, body: unknown): Promise<void> => {
    if (beingAnswered >= maxOutstanding) {
      return replyWith(
        id,
        new ConnectError(`More than ${maxOutstanding} calls are being answered`),
      );
    }
    beingAnswered++;
    try {
      const reply = await options.answer(kind as Kind, body);
      if (closedBy === null) send({ type: 'reply', id, reply }, `The answer to "${kind}"`);
    } catch (error) {
      replyWith(id, error);
    } finally {
      beingAnswered--;
    }
  };

  const replyWith = (id: number, error: unknown): void => {
    if (closedBy !== null) return;
    const info = toErrorInfo(error);
    const maxText = Math.floor(maxMessageBytes / 16);
    const message = info.message.slice(0, maxText);
    send(
      { type: 'error', id, error: { ...info, message, trace: info.trace.slice(0, maxText) } },
      'An error',
    );
  };

  const settle = (id: number): Outstanding | undefined => {
    const call = outstanding.get(id);
    outstanding.delete(id);
    clearTimeout(call?.timer);
    return call;
  };

  return {
    call(kind, body, { timeoutMs }) {
      return new Promise((resolve, reject) => {
        if (closedBy !== null) return reject(closedBy);
        if (outstanding.size >= maxOutstanding) {
          const problem = `${peer} has ${outstanding.size} calls without an answer; "${kind}" is refused`;
          return reject(new ConnectError(problem, { code: 'TRB_HOST_BUSY' }));
        }
        const id = ++lastId;
        const timer = setTimeout(() => {
          const problem = `"${kind}" had no answer from ${peer} within ${timeoutMs} ms`;
          settle(id)?.reject(new ConnectError(problem, { code: 'TRB_HOST_TIMEOUT' }));
        }, timeoutMs);
        outstanding.set(id, {
          resolve,
          reject,
          timer,
        });
        try {
          send({ type: 'call', id, kind, body }, `"${kind}"`);
        } catch (error) {
          settle(id)?.reject(error as Error);
        }
      });
    },
    emit(event) {
      if (closedBy === null) send({ type: 'event', event }, 'An event');
    },
    receive(bytes) {
      const message = deserialize(bytes) as Message;
      if (message.type === 'event') options.onEvent(message.event as IncomingEvent);
      else if (message.type === 'call') void answer(message.id, message.kind, message.body);
      else if (message.type === 'reply') settle(message.id)?.resolve(message.reply);
      else settle(message.id)?.reject(fromErrorInfo(message.error));
    },
    close(reason) {
      closedBy ??= reason;
      for (const id of outstanding.keys()) settle(id)?.reject(closedBy);
    },
  };
}

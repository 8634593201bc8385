import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type Api,
  type Decoded,
  decodeResponseHeader,
  encodeRequest,
  Reader,
} from '@tributary/wire';

/** Requests over a plain socket, one at a time or several in flight; rejects when the connection ends. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  send<Req, Res>(api: Api<Req, Res>, version: number, request: Req): Promise<Decoded<Res>>;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const waiting: { take(frame: Buffer): void; fail(error: Error): void }[] = [];
  let bytes = Buffer.alloc(0);
  let correlationId = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      const end = 4 + bytes.readInt32BE(0);
      waiting.shift()?.take(bytes.subarray(4, end));
      bytes = bytes.subarray(end);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const one of waiting.splice(0)) one.fail(new Error('the connection was closed'));
  });
  return {
    socket,
    send(api, version, request) {
      const id = ++correlationId;
      return new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error('the connection was closed'));
          return;
        }
        waiting.push({
          take(frame) {
            const reader = new Reader(frame);
            const found = decodeResponseHeader(reader, api, version);
            if (found !== id) reject(new Error(`answer ${found} came for request ${id}`));
            else resolve(api.response.decode(reader, version));
          },
          fail: reject,
        });
        socket.write(encodeRequest(api, version, id, 'raw', request));
      });
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

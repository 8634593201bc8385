import { expect, it } from 'vitest';
import { type BrokerConnection, Cluster, type OpenConnection } from '../cluster.ts';
import { parseAdmin } from '../config.ts';
import { clientError } from '../errors.ts';
import { type AdminContext, brokerConnection } from './context.ts';

const logger = { error() {}, warn() {}, info() {}, debug() {} };

it('looks for a broker that is not where it was', async () => {
  const open: OpenConnection = async ({ host, port }) => {
    const address = `${host}:${port}`;
    if (host === 'old') throw clientError('NETWORK', `Cannot connect to broker ${address}`);
    const request = async () => ({
      errorCode: 0,
      brokers: [{ nodeId: 1, host: 'new', port: 1 }],
    });
    return { address, isOpen: true, request, close() {} } as unknown as BrokerConnection;
  };
  const cluster = new Cluster(
    parseAdmin({ 'bootstrap.servers': 'boot:1' }, logger),
    { logger },
    open,
  );
  cluster.noteBroker(1, { host: 'old', port: 1 });
  const context: AdminContext = {
    cluster,
    requestTimeoutMs: 1000,
    retry: (call, signal) => cluster.retry(call, { timeoutMs: 1000, signal }),
  };
  await expect(brokerConnection(context, 1)).rejects.toThrow('old:1');
  expect((await brokerConnection(context, 1)).address).toBe('new:1');
});

import {
  type ApacheKafka,
  freePorts,
  missingForApacheKafka,
  startApacheKafka,
} from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  sendAll,
} from './brokers.ts';
import { type Kdc, missingForKerberos, realm, startKdc } from './kdc.ts';

const missing = (await missingForApacheKafka()) ?? (await missingForKerberos());
const loginModule = 'com.sun.security.auth.module.Krb5LoginModule';

/** The package is optional and made from C. Without it, or a KDC, the exchange is tested with a stand-in, in optional-mechanisms.test.ts beside the code. */
if (missing === null) {
  describe('by GSSAPI, on Apache Kafka', () => {
    let kdc: Kdc;
    let broker: ApacheKafka;
    let clientKeyTab: string;
    let where: { bootstrapServers: string };

    beforeAll(async () => {
      kdc = await startKdc();
      const brokerKeyTab = await kdc.keyTab('kafka/localhost');
      clientKeyTab = await kdc.keyTab('connect');
      const [port] = await freePorts(1);
      where = { bootstrapServers: `localhost:${port}` };
      vi.stubEnv('JAVA_TOOL_OPTIONS', `-Djava.security.krb5.conf=${kdc.configFile}`);
      broker = await startApacheKafka({
        listeners: `KERBEROS://${where.bootstrapServers}`,
        'listener.security.protocol.map':
          'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,KERBEROS:SASL_PLAINTEXT',
        'sasl.enabled.mechanisms': 'GSSAPI',
        'sasl.kerberos.service.name': 'kafka',
        'listener.name.kerberos.gssapi.sasl.jaas.config': `${loginModule} required useKeyTab=true storeKey=true keyTab="${brokerKeyTab}" principal="kafka/localhost@${realm}";`,
      });
      vi.unstubAllEnvs();
      process.env['KRB5_CONFIG'] = kdc.configFile;
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      for (const name of ['KRB5_CONFIG', 'KRB5_CLIENT_KTNAME', 'KRB5CCNAME']) {
        Reflect.deleteProperty(process.env, name);
      }
      await broker?.[Symbol.asyncDispose]();
      await kdc?.[Symbol.asyncDispose]();
    });

    const gssapi = (principal: string): Record<string, string> => ({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'GSSAPI',
      'sasl.kerberos.service.name': 'kafka',
      'sasl.jaas.config': `${loginModule} required useKeyTab=true storeKey=true keyTab="${clientKeyTab}" principal="${principal}@${realm}";`,
    });

    it('authenticates with a key table', async () => {
      await using producer = producerFor(where, gssapi('connect'));
      const sent = outcome();
      await sendAll(producer, [record('kerberos', 'hello')], sent);
      await producer.flush();
      expect(sent.errors).toEqual([]);
      await using consumer = consumerFor(where, gssapi('connect'));
      consumer.subscribe(['kerberos'], quiet);
      expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['hello']);
    });

    it('says at once what Kerberos has against a principal', async () => {
      await using admin = adminFor(where, gssapi('nobody'));
      await expect(admin.listTopics()).rejects.toMatchObject({
        errorName: 'SASL_AUTHENTICATION_FAILED',
        isRetriable: false,
        message: expect.stringMatching(/localhost:\d+ by GSSAPI/),
      });
    });
  });
} else {
  it(`by GSSAPI: a config that is complete is taken without what is missing here (${missing})`, async () => {
    const admin = adminFor(
      { bootstrapServers: 'localhost:1' },
      {
        'security.protocol': 'SASL_PLAINTEXT',
        'sasl.mechanism': 'GSSAPI',
        'sasl.kerberos.service.name': 'kafka',
        'sasl.jaas.config': `${loginModule} required useTicketCache=true principal="connect@${realm}";`,
      },
    );
    await admin.close();
  });
}

import { expect, test } from 'vitest';
import { hostEnvironment } from './host-environment.ts';

test('a host gets what is on the list or was named, and no secret', () => {
  const environment = {
    PATH: '/bin',
    LC_ALL: 'C',
    AWS_SECRET_ACCESS_KEY: 'secret',
    KAFKA_PASSWORD: 'secret',
    NODE_OPTIONS: '--inspect',
    MY_DRIVER_HOME: '/opt',
    KAFKA_OPTS:
      '-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=https://idp/token -Dpassword=secret',
  };
  expect(hostEnvironment(environment, ['MY_DRIVER_HOME'])).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    MY_DRIVER_HOME: '/opt',
    TRIBUTARY_OAUTHBEARER_ALLOWED_URLS: 'https://idp/token',
  });
});

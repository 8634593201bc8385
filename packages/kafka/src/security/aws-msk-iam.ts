import type { CommonSettings } from '../config.ts';
import { clientError } from '../errors.ts';
import { inTime } from './in-time.ts';
import { parseJaasConfig } from './jaas.ts';
import type { AccessToken } from './oauthbearer/access-token.ts';
import { cacheToken } from './oauthbearer/cached-token.ts';
import { bearerMechanism } from './oauthbearer/mechanism.ts';
import type { TokenSource } from './oauthbearer/token-source.ts';
import { optionalPackage } from './optional-package.ts';
import {
  type Mechanism,
  requireHandler,
  requireLoginModule,
  type SaslDeps,
} from './sasl-mechanism.ts';

/** Published by AWS. Only what is used of it. */
export const signerPackage = 'aws-msk-iam-sasl-signer-js';
export interface MskSigner {
  generateAuthToken(options: { region: string }): Promise<SignedToken>;
  generateAuthTokenFromProfile(options: {
    region: string;
    awsProfileName: string;
  }): Promise<SignedToken>;
  generateAuthTokenFromRole(options: {
    region: string;
    awsRoleArn: string;
    awsRoleSessionName?: string;
  }): Promise<SignedToken>;
}
interface SignedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiryTime: number;
}

const loginModule = 'software.amazon.msk.auth.iam.IAMLoginModule';
const signTimeoutMs = 30_000;
/** `b-1.name.id.c2.kafka.eu-west-1.amazonaws.com`, `boot-id.c2.kafka-serverless.eu-west-1.amazonaws.com`. */
const brokerHost =
  /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)(?:\.cn)?(?::\d+)?$/;

/**
 * Amazon MSK's brokers take an IAM identity over AWS_MSK_IAM and, from the same address, over OAUTHBEARER, whose token AWS's own signer makes: that is used.
 * Credentials are found as the AWS SDK finds them, or by `awsProfileName` or `awsRoleArn` of JAAS; the region is that of the broker's name, else AWS_REGION.
 */
export function awsMskIam(settings: CommonSettings, deps: SaslDeps): Mechanism {
  requireHandler('sasl.login.callback.handler.class', settings, []);
  const jaas = parseJaasConfig(settings['sasl.jaas.config']);
  requireLoginModule('AWS_MSK_IAM', jaas, [loginModule]);
  const byRegion = new Map<string, TokenSource>();
  return bearerMechanism(async (address, signal) => {
    const region = regionOf(address, deps.environment);
    let token = byRegion.get(region);
    if (token === undefined) {
      token = cacheToken(
        (ended) => signedToken(region, jaas.options, deps, ended),
        settings,
        deps.now,
      );
      byRegion.set(region, token);
    }
    return token(signal);
  });
}

function regionOf(address: string, environment: NodeJS.ProcessEnv): string {
  const region =
    brokerHost.exec(address)?.[1] ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  if (region !== undefined) return region;
  throw clientError(
    'INVALID_CONFIG',
    `Cannot authenticate to broker ${address} by AWS_MSK_IAM: its name tells no AWS region; set the environment variable AWS_REGION`,
  );
}

async function signedToken(
  region: string,
  options: Readonly<Record<string, string>>,
  { load }: SaslDeps,
  signal: AbortSignal | undefined,
): Promise<AccessToken> {
  const signer = await optionalPackage<MskSigner>(
    signerPackage,
    'sasl.mechanism=AWS_MSK_IAM',
    load,
  );
  const { awsProfileName, awsRoleArn, awsRoleSessionName } = options;
  const signing =
    awsRoleArn !== undefined
      ? signer.generateAuthTokenFromRole({
          region,
          awsRoleArn,
          ...(awsRoleSessionName === undefined ? {} : { awsRoleSessionName }),
        })
      : awsProfileName !== undefined
        ? signer.generateAuthTokenFromProfile({ region, awsProfileName })
        : signer.generateAuthToken({ region });
  // What the SDK says of credentials is passed on by its name only: its messages are not ours to vouch for.
  const named = signing.catch((error: Error) => {
    throw clientError('NETWORK', `AWS credentials cannot be used: ${error.name}`);
  });
  const { token, expiryTime } = await inTime(
    named,
    signTimeoutMs,
    'AWS credentials did not come',
    signal,
  );
  return { token, expiresAtMs: expiryTime, subject: awsRoleArn ?? 'AWS IAM', extensions: {} };
}

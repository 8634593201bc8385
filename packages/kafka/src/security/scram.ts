import { clientError } from '../errors.ts';
import { crypto } from '../node-modules.ts';

/** Fewer make the password easy to guess for whoever pretends to be the broker. */
const leastIterations = 4096;
/** More are an attempt to keep the client busy. */
const mostIterations = 1_000_000;

export interface ScramCredentials {
  readonly username: string;
  readonly password: string;
  /** The password is the HMAC of a delegation token, the user name its id. */
  readonly isToken: boolean;
}

/**
 * The client's side of SCRAM: `first()` goes out, `final(answer)` answers the broker's first message, `verify(answer)` checks that the broker knows the password too. (no I/O)
 * Channel binding is not used. Source: RFC 5802; Kafka `ScramSaslClient`.
 */
export class ScramExchange {
  readonly #hash: 'sha256' | 'sha512';
  readonly #credentials: ScramCredentials;
  readonly #nonce: string;
  #serverSignature: Buffer | null = null;

  constructor(
    hash: 'sha256' | 'sha512',
    credentials: ScramCredentials,
    nonce = crypto().randomBytes(24).toString('base64url'),
  ) {
    this.#hash = hash;
    this.#credentials = credentials;
    this.#nonce = nonce;
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#firstBare()}`);
  }

  async final(serverFirst: Buffer): Promise<Buffer> {
    const text = serverFirst.toString();
    const attributes = attributesOf(text);
    const nonce = attributes.get('r') ?? '';
    const salt = Buffer.from(attributes.get('s') ?? '', 'base64');
    const iterations = Number(attributes.get('i'));
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw refused('the broker did not answer to what it was asked');
    }
    if (salt.length === 0) throw refused('the broker sent no salt');
    if (!(iterations >= leastIterations && iterations <= mostIterations)) {
      throw refused(
        `the broker asks for ${iterations} iterations; ${leastIterations} to ${mostIterations} are accepted`,
      );
    }
    const length = this.#hash === 'sha256' ? 32 : 64;
    const salted = await deriveKey(
      this.#credentials.password,
      salt,
      iterations,
      length,
      this.#hash,
    );
    const clientKey = this.#hmac(salted, 'Client Key');
    const storedKey = crypto().createHash(this.#hash).update(clientKey).digest();
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = `${this.#firstBare()},${text},${withoutProof}`;
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), signed);
    const proof = this.#hmac(storedKey, signed);
    for (const [index, byte] of clientKey.entries()) proof[index] = (proof[index] as number) ^ byte;
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  }

  verify(serverFinal: Buffer): void {
    const attributes = attributesOf(serverFinal.toString());
    const error = attributes.get('e');
    if (error !== undefined) throw refused(`the broker says ${error}`);
    const signature = Buffer.from(attributes.get('v') ?? '', 'base64');
    const expected = this.#serverSignature;
    if (
      expected === null ||
      signature.length !== expected.length ||
      !crypto().timingSafeEqual(signature, expected)
    ) {
      throw refused('the broker could not prove that it knows the password');
    }
  }

  #firstBare(): string {
    const { username, isToken } = this.#credentials;
    const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
    return `n=${name},r=${this.#nonce}${isToken ? ',tokenauth=true' : ''}`;
  }

  #hmac(key: Buffer, data: string): Buffer {
    return crypto().createHmac(this.#hash, key).update(data).digest();
  }
}

function deriveKey(
  password: string,
  salt: Buffer,
  iterations: number,
  length: number,
  hash: string,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    crypto().pbkdf2(password, salt, iterations, length, hash, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function attributesOf(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)] as const));
}

function refused(why: string): Error {
  return clientError('SASL_AUTHENTICATION_FAILED', `Authentication by SCRAM failed: ${why}`);
}

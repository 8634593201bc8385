import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** An authority of a test's own with certificates for a server on localhost and for a client; nothing of them stays. PEM. */
export async function makeCertificates(): Promise<{
  readonly authority: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** Signed by itself. */
  readonly stranger: KeyPair;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-certificates-'));
  try {
    await writeFile(join(folder, 'san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
    const selfSigned = (name: string) =>
      openssl('req', '-x509', ...newKey, '-subj', `/CN=${name}`, ...outputs(name));
    const signed = async (name: string): Promise<void> => {
      await openssl('req', ...newKey.slice(0, -2), '-subj', `/CN=${name}`, ...outputs(name));
      const authority = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
      const files = ['-in', `${name}.pem`, '-out', `${name}.pem`, '-extfile', 'san'];
      await openssl('x509', '-req', '-days', '2', ...authority, ...files);
    };
    await selfSigned('authority');
    await signed('server');
    await signed('client');
    await selfSigned('stranger');
    const read = (file: string) => readFile(join(folder, file), 'utf8');
    const pair = async (name: string): Promise<KeyPair> => {
      return { key: await read(`${name}.key`), certificate: await read(`${name}.pem`) };
    };
    return {
      authority: await read('authority.pem'),
      server: await pair('server'),
      client: await pair('client'),
      stranger: await pair('stranger'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function outputs(name: string): string[] {
  return ['-keyout', `${name}.key`, '-out', `${name}.pem`];
}

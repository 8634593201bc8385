import { execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '@tributary/testkit';

const run = promisify(execFile);
const sbin = '/usr/sbin';
export const realm = 'TRIBUTARY.TEST';

export interface Kdc extends AsyncDisposable {
  /** Of `krb5.conf`. */
  readonly configFile: string;
  /** Makes a principal with a random key, and a file with that key. */
  keyTab(principal: string): Promise<string>;
}

/** Null when MIT Kerberos' key distribution centre and the package `kerberos` are there; else what is missing. */
export async function missingForKerberos(): Promise<string | null> {
  try {
    await access(join(sbin, 'krb5kdc'));
    await access(join(sbin, 'kadmin.local'));
  } catch {
    return 'no Kerberos (apt install krb5-kdc krb5-admin-server)';
  }
  const name: string = 'kerberos';
  return import(name).then(
    () => null,
    () => 'no package "kerberos" (npm install --no-save kerberos, with libkrb5-dev)',
  );
}

/** A realm of its own on 127.0.0.1, its data in a temporary folder that goes with it. */
export async function startKdc(): Promise<Kdc> {
  const data = await mkdtemp(join(tmpdir(), 'tributary-kdc-'));
  const [port] = await freePorts(1);
  const configFile = join(data, 'krb5.conf');
  await writeFile(
    configFile,
    `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
`,
  );
  const kdcConfigFile = join(data, 'kdc.conf');
  await writeFile(
    kdcConfigFile,
    `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${realm} = {
  database_name = ${data}/principal
  key_stash_file = ${data}/stash
  acl_file = ${data}/acl
  max_life = 1d
 }
`,
  );
  const env = { ...process.env, KRB5_CONFIG: configFile, KRB5_KDC_PROFILE: kdcConfigFile };
  const create = ['create', '-s', '-r', realm, '-P', 'master-secret'];
  await run(join(sbin, 'kdb5_util'), create, { env });
  const kdc = spawn(join(sbin, 'krb5kdc'), ['-n'], { env, stdio: 'ignore' });
  const exited = new Promise((resolve) => kdc.once('exit', resolve));
  await sleep(300);
  return {
    configFile,
    async keyTab(principal) {
      const file = join(data, `${principal.replaceAll('/', '-')}.keytab`);
      for (const query of [`addprinc -randkey ${principal}`, `ktadd -k ${file} ${principal}`]) {
        await run(join(sbin, 'kadmin.local'), ['-q', query], { env });
      }
      return file;
    },
    async [Symbol.asyncDispose]() {
      kdc.kill('SIGTERM');
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}

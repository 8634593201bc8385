import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Running a Java source file takes the compiler, which a bare runtime does not have. */
export async function hasJavaCompiler(): Promise<boolean> {
  try {
    return (await promisify(execFile)('java', ['--list-modules'])).stdout.includes('jdk.compiler');
  } catch {
    return false;
  }
}

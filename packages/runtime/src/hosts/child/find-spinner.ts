import type { Session } from 'node:inspector/promises';
import type { Suspect } from '../report-lines.ts';
import { whoRunsKey } from './watch-fields.ts';

const maxWaitMs = 1000;

/**
 * Asks the main thread, in the middle of its spinning, whose code it runs: the debugger stops it for the time of one question. Called in another thread.
 * Null when it does not stop, as in native code.
 */
export async function findSpinner(): Promise<Suspect | null> {
  // Loaded when first needed: hardly any host ever needs it.
  const inspector = await import('node:inspector/promises');
  const session = new inspector.Session();
  session.connectToMainThread();
  try {
    const stopped = new Promise<Suspect | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), maxWaitMs);
      session.once('Debugger.paused', ({ params }) => {
        const frame = params.callFrames[0];
        void askIn(session, frame).then((answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
      });
    });
    await session.post('Debugger.enable');
    await session.post('Debugger.pause');
    return await stopped;
  } catch {
    return null;
  } finally {
    // Closing the session lets the main thread go on.
    session.disconnect();
  }
}

type Frame = { callFrameId: string; functionName: string; url: string; location: Location };
type Location = { lineNumber: number; columnNumber?: number | undefined };

async function askIn(session: Session, frame: Frame | undefined): Promise<Suspect | null> {
  if (frame === undefined) return null;
  try {
    const { result } = await session.post('Debugger.evaluateOnCallFrame', {
      callFrameId: frame.callFrameId,
      expression: `globalThis[Symbol.for(${JSON.stringify(whoRunsKey)})]()`,
    });
    const { runId, call } = JSON.parse(String(result.value)) as Suspect;
    const { lineNumber, columnNumber = 0 } = frame.location;
    const place = `${frame.functionName || '(anonymous)'} (${frame.url}:${lineNumber + 1}:${columnNumber + 1})`;
    return { runId, call, place };
  } catch {
    return null;
  }
}

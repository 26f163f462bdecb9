/** The program `nft`: no shell, bounded in time and in what it may print. */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { PoolgateError } from '../../../lib/errors.ts';
import { errno, errorText, Memory, MFD_CLOEXEC, sys } from '../../proxy/libc.ts';

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `nft` with these arguments and this input to its end. @throws PoolgateError SYSTEM when it cannot be run or does not end */
export type RunNft = (args: readonly string[], input?: string) => Promise<Ran>;

/** A table of 65,000 targets takes about a second. */
const TIMEOUT_MS = 30_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

export const runNft: RunNft = (args, input) => runWith(['nft'], args, input);

/** @param program nft, or what starts it elsewhere, with its arguments */
export async function runWith(program: readonly string[], args: readonly string[], input = ''): Promise<Ran> {
  const stdin = inputFile(input);
  try {
    return await run([...program, ...args], stdin);
  } finally {
    closeSync(stdin);
  }
}

function run([program = '', ...args]: readonly string[], stdin: number): Promise<Ran> {
  const command = `${program} ${args.join(' ')}`;
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };
  const child = spawn(program, args, {
    env,
    stdio: [stdin, 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const printed = { stdout: '', stderr: '' };
  const keep = (stream: 'stdout' | 'stderr') => (text: string) => {
    printed[stream] += text;
    if (printed[stream].length > MOST_OUTPUT) child.kill('SIGKILL');
  };
  child.stdout?.setEncoding('utf8').on('data', keep('stdout'));
  child.stderr?.setEncoding('utf8').on('data', keep('stderr'));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(command, error)));
    child.once('close', (code, signal) => {
      if (code !== null) resolve({ ok: code === 0, ...printed });
      else reject(new PoolgateError('SYSTEM', `\`${command}\` ${endOf(signal)}`));
    });
  });
}

function endOf(signal: string | null): string {
  if (signal !== 'SIGKILL') return `was ended by ${signal}: a defect of nft`;
  return `did not end within ${TIMEOUT_MS} ms, or printed more than ${MOST_OUTPUT} characters`;
}

/**
 * A nameless file in memory. What Node calls a pipe to a child is a socket, and nft opens `/dev/stdin` once more by its
 * name when it reads JSON, which works with files and not with sockets.
 */
function inputFile(text: string): number {
  const name = new Memory(8);
  name.bytes.set(Buffer.from('nft'));
  const fd = sys.memfd_create(name.address, MFD_CLOEXEC);
  if (fd < 0) throw new PoolgateError('SYSTEM', `memfd_create: ${errorText(errno())}`);
  const bytes = Buffer.from(text);
  // At a place and not where the descriptor stands, which the child shares and which is to stay at the start.
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  return fd;
}

function cannotRun(command: string, error: Error): PoolgateError {
  if ('code' in error && error.code === 'ENOENT') {
    const hint = 'Install the package nftables, or write dataPlane: proxy.';
    return new PoolgateError('SYSTEM', 'The program `nft` is not installed.', { hint });
  }
  return new PoolgateError('SYSTEM', `\`${command}\`: ${error.message}`, { cause: error });
}

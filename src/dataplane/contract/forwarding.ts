import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Rig, RigOptions } from './rig.ts';
import { endOf } from './sockets.ts';

type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

const BIG = 24 * 1024 * 1024;
const quiet = { server: { onSocket: () => {} } } satisfies RigOptions;

/** What connection `i` has said after so many rounds. */
function said(i: number, rounds: number): string {
  return Array.from({ length: rounds }, (_, round) => `${i}:${round + 1};`).join('');
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What happens to bytes and to the ends of streams. */
export function forwardingContract(rig: MakeRig): void {
  test('bytes arrive unchanged both ways at once, many chunks long', async () => {
    const back = randomBytes(BIG);
    const forth = randomBytes(BIG);
    let got = Buffer.alloc(0);
    const r = await rig([1], {
      server: {
        greeting: '',
        onSocket(socket) {
          const chunks: Buffer[] = [];
          socket.on('data', (chunk: Buffer) => chunks.push(chunk));
          socket.on('end', () => (got = Buffer.concat(chunks)));
          socket.end(back);
        },
      },
    });
    const client = await r.dial();
    client.socket.end(forth);
    expect(digest(await client.received(BIG))).toBe(digest(back));
    expect(await client.ended).toBe('end');
    await expect.poll(() => got.length).toBe(BIG);
    expect(digest(got)).toBe(digest(forth));
    await r.allZero();
    expect(r.counters('a')).toMatchObject({ bytesIn: BIG, bytesOut: BIG, clientResets: 0, serverResets: 0 });
  });

  test('a hundred connections talk at once, each hears its own', async () => {
    const rounds = 30;
    const r = await rig([1, 1], { server: { greeting: '', onSocket: (socket) => socket.pipe(socket) } });
    const clients = await Promise.all(Array.from({ length: 100 }, () => r.dial()));
    const heard = await Promise.all(
      clients.map(async (client, i) => {
        let all: Buffer = Buffer.alloc(0);
        for (let round = 1; round <= rounds; round++) {
          client.socket.write(`${i}:${round};`);
          all = await client.received(said(i, round).length);
        }
        client.socket.end();
        expect(await client.ended).toBe('end');
        return all.toString();
      }),
    );
    expect(heard).toEqual(clients.map((_, i) => said(i, rounds)));
    await r.allZero();
  });

  test.each(['client', 'server'] as const)(
    'half-close: the %s says all first, the other goes on',
    async (first) => {
      const r = await rig([1], quiet);
      const client = await r.dial();
      await client.received(1);
      const far = r.servers.get('a')!.sockets[0]!;
      const [near, other] = first === 'client' ? [client.socket, far] : [far, client.socket];
      const heard = endOf(other);
      near.end();
      expect(await heard).toBe('end');
      const rest = randomBytes(1024 * 1024);
      const chunks: Buffer[] = [];
      near.on('data', (chunk: Buffer) => chunks.push(chunk));
      const finished = endOf(near);
      other.end(rest);
      expect(await finished).toBe('end');
      expect(digest(Buffer.concat(chunks).subarray(-rest.length))).toBe(digest(rest));
      await r.allZero();
    },
  );

  test.each(['client', 'server'] as const)(
    'a reset by the %s reaches the other end, and is counted',
    async (who) => {
      const r = await rig([1], quiet);
      const client = await r.dial();
      await client.received(1);
      const far = r.servers.get('a')!.sockets[0]!;
      const [breaker, other] = who === 'client' ? [client.socket, far] : [far, client.socket];
      const heard = endOf(other);
      breaker.resetAndDestroy();
      expect(await heard).toBe('ECONNRESET');
      await r.allZero();
      expect(r.counters('a')[who === 'client' ? 'clientResets' : 'serverResets']).toBe(1);
    },
  );

  test('a reset is noticed on an end that has said all and is only written to', async () => {
    const r = await rig([1], quiet);
    const client = await r.dial();
    await client.received(1);
    const far = r.servers.get('a')!.sockets[0]!;
    const heard = endOf(far);
    client.socket.end();
    expect(await heard).toBe('end');
    client.socket.resetAndDestroy();
    await r.allZero();
  });

  test('what a server sent before it reset is still delivered', async () => {
    const r = await rig([1], {
      server: {
        greeting: '',
        // Only when the client has spoken: a client that writes after the reset would not come to read.
        onSocket: (socket) =>
          socket.once('data', () => {
            socket.write('goodbye');
            setImmediate(() => socket.resetAndDestroy());
          }),
      },
    });
    const client = await r.dial();
    client.socket.write('x');
    expect((await client.received(7)).toString()).toBe('goodbye');
    expect(await client.ended).toBe('ECONNRESET');
  });

  test('a reader that stops holds the sender back, and loses nothing when it goes on', async () => {
    const sent = randomBytes(BIG);
    const r = await rig([1], { server: { greeting: '', onSocket: (socket) => socket.end(sent) } });
    const client = await r.dial();
    client.socket.pause();
    const far = () => r.servers.get('a')!.sockets[0]!;
    // The kernel's buffers fill, then nothing moves: the sender still has most of it.
    let before = -1;
    await expect
      .poll(
        () => {
          const now = r.counters('a').bytesOut;
          const still = now === before && now > 0;
          before = now;
          return still;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(far().writableLength).toBeGreaterThan(BIG / 4);
    client.socket.resume();
    expect(digest(await client.received(BIG))).toBe(digest(sent));
    client.socket.end();
    await r.allZero();
  });

  test('an idle connection is reset on both ends; one that says a byte in time is not', async () => {
    const r = await rig([1], { ...quiet, settings: { idleTimeoutMs: 400 } });
    const [idle, busy] = [await r.dial(), await r.dial()];
    await Promise.all([idle.received(1), busy.received(1)]);
    const speak = setInterval(() => busy.socket.write('.'), 60);
    const heard = endOf(await r.farEnd(idle));
    expect(await idle.ended).toBe('ECONNRESET');
    expect(await heard).toBe('ECONNRESET');
    expect(r.counters('a')).toMatchObject({ active: 1, idleExpired: 1 });
    clearInterval(speak);
    expect(await busy.ended).toBe('ECONNRESET');
    await r.allZero();
  });

  test('an idle timeout that is shorter than the connect timeout is kept', async () => {
    const r = await rig([1], { ...quiet, settings: { idleTimeoutMs: 300, connectTimeoutMs: 60_000 } });
    const client = await r.dial();
    expect(await client.ended).toBe('ECONNRESET');
  });

  test('a shorter idle timeout counts for connections that are open already', async () => {
    const r = await rig([1], quiet);
    const client = await r.dial();
    await client.received(1);
    const [service] = r.state.services;
    await r.apply({
      ...r.state,
      services: [{ ...service!, settings: { ...service!.settings, idleTimeoutMs: 200 } }],
    });
    expect(await client.ended).toBe('ECONNRESET');
  });
}

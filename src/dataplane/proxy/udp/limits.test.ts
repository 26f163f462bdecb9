import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const PORT = 20_000 + (process.pid % 1000);
const DESCRIPTORS = 500;
/** What is left of these for traffic, two descriptors a connection (capacity.ts). */
const ROOM = Math.floor((DESCRIPTORS - 128 - 2) / 2);

interface Told {
  readonly flooded: { active: number; refused: number };
  readonly tcp: string;
  readonly after: { active: number; refused: number };
  readonly again: string;
}

function here(name: string): string {
  return new URL(name, import.meta.url).href;
}

/** Few descriptors, a UDP and maybe a TCP port, and clients that say one thing each and are never seen again. */
function flood(clients: number, tcp: boolean): Told {
  const code = `
    import { createSocket } from 'node:dgram';
    import { once } from 'node:events';
    import { createConnection, createServer } from 'node:net';
    import { createProxyPlane } from '${here('../plane.ts')}';
    import { diffDesired } from '${here('../../diff.ts')}';
    import { PLAIN_SERVER, PLAIN_SERVICE } from '${here('../../plain.ts')}';
    const vip = '127.0.2.9', at = '127.0.2.1', port = ${PORT};
    const echo = createSocket('udp4').bind(port, at);
    echo.on('message', (message, from) => echo.send(message, from.port, from.address));
    const listener = createServer((socket) => socket.end('hello')).listen(port, at);
    const plane = await createProxyPlane({ workers: 1 });
    const protocols = ${tcp} ? ['udp', 'tcp'] : ['udp'];
    const ports = protocols.map((protocol) => ({ vip, protocol, port, serverPort: port }));
    const pools = [{ name: 'p', fallback: null, servers: [{ ...PLAIN_SERVER, name: 'a', address: at, weight: 1, selectable: true }] }];
    const times = { connectTimeoutMs: 2000, idleTimeoutMs: 60_000, udpIdleMs: 4000 };
    const settings = { ...PLAIN_SERVICE, pool: 'p', scheduler: 'wlc', redispatch: true, ...times };
    const service = { name: 's', settings, ports };
    await plane.apply(diffDesired({ pools: [], services: [] }, { pools, services: [service] }));
    const counters = () => plane.counters().ports.find((p) => p.protocol === 'udp');
    const short = () => ({ active: counters().active, refused: counters().refused });
    async function until(done) {
      while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    async function oneClient() {
      const socket = createSocket('udp4');
      const answer = once(socket, 'message');
      socket.connect(port, vip);
      await once(socket, 'connect');
      const before = counters().total + counters().refused;
      socket.send('x');
      await until(() => counters().total + counters().refused > before);
      return { socket, answer };
    }
    // All at once, so that no port of a client is used twice.
    const clients = [];
    for (let i = 0; i < ${clients}; i++) clients.push(await oneClient());
    for (const { socket } of clients) socket.close();
    const flooded = short();
    let heard = '';
    if (${tcp}) {
      const socket = createConnection(port, vip);
      socket.on('data', (data) => (heard += data));
      await once(socket, 'close');
    }
    await until(() => counters().active === 0);
    const after = short();
    const last = await oneClient();
    const [again] = await last.answer;
    last.socket.close();
    console.log(JSON.stringify({ flooded, tcp: heard, after, again: again.toString() }));
    await plane.close(0);
    echo.close();
    listener.close();`;
  const script = join(mkdtempSync(join(tmpdir(), 'poolgate-flood-')), 'flood.mjs');
  writeFileSync(script, code);
  const limited = `ulimit -n ${DESCRIPTORS} && exec "$0" "$1"`;
  const done = spawnSync('sh', ['-c', limited, process.execPath, script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  rmSync(dirname(script), { recursive: true });
  if (done.status !== 0) throw new Error(`${done.status ?? done.signal}: ${done.stderr}`);
  return JSON.parse(done.stdout) as Told;
}

test('as many flows as fit, the rest is dropped and counted, and once they have ended there is room again', () => {
  const told = flood(ROOM + 50, false);
  expect(told.flooded).toEqual({ active: ROOM, refused: 50 });
  expect(told.after).toEqual({ active: 0, refused: 50 });
  expect(told.again).toBe('x');
});

test('beside TCP ports flows get half of the room, and connections are taken while they have it', () => {
  const told = flood(ROOM, true);
  const half = Math.floor(ROOM / 2);
  expect(told.flooded).toEqual({ active: half, refused: ROOM - half });
  expect(told.tcp).toBe('hello');
  expect(told.again).toBe('x');
});

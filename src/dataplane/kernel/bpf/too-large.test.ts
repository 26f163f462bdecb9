/**
 * What is too large for the short way, between real ends: their packets come in pieces of up to 64 KB that the kernel cuts
 * later, and with checksums that are still to be made.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from './attach.ts';
import { reasonNotToRun, VIP, VIP6 } from './test-balancer.ts';
import { CLIENT, CLIENT6, SERVER, SERVER6, SOURCE, SOURCE6, TestNetwork } from './test-network.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, what is too large between real ends: ${reason}\n`);

const PREFIX = `pgk-large-${process.pid}`;
const ENDS = { clients: `${PREFIX}-client`, servers: `${PREFIX}-server` };
const BYTES = 300_000;
const MTU = 1300;

const SERVE = `require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = 0;
  socket.on('data', (data) => (bytes += data.length));
  socket.on('end', () => socket.end(String(bytes)));
}).listen(5061, '::', () => console.log('listening'));`;

/** Connects, waits to be told, sends all, and says what the server got. */
const SEND = `const socket = require('node:net').connect(5061, process.argv[1], () => {
  console.log('connected');
  process.stdin.once('data', () => socket.end(Buffer.alloc(${BYTES})));
});
socket.on('data', (data) => console.log(String(data)));
socket.on('close', () => process.exit());`;

const FAMILIES = [
  { family: 'IPv4', vip: VIP, server: SERVER, source: SOURCE, type: 'InType3' },
  { family: 'IPv6', vip: VIP6, server: SERVER6, source: SOURCE6, type: 'Icmp6InType2' },
];

describe.runIf(reason === null)('what is too large, between real ends', () => {
  let net: TestNetwork;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    for (const name of Object.values(ENDS)) ip('netns', 'add', name);
    net = new TestNetwork(ENDS);
    inhabit(ENDS.clients, [`${CLIENT}/24`, `${CLIENT6}/64`], ['198.51.100.1', '2001:db8:1::1']);
    inhabit(ENDS.servers, [`${SERVER}/24`, `${SERVER6}/64`], ['203.0.113.1', '2001:db8:2::1']);
    for (const source of [`${SOURCE}/32`, `${SOURCE6}/128`]) ip('address', 'add', source, 'dev', 'servers');
    for (const index of [net.clients, net.servers]) {
      attach(index, 'ingress', net.balancer.program.fd('from_clients'));
      attach(index, 'egress', net.balancer.program.fd('to_clients'));
    }
    await says(start(ENDS.servers, SERVE));
  });

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const name of Object.values(ENDS)) ip('netns', 'del', name);
    net.balancer.close();
  });

  function start(namespace: string, script: string, ...args: string[]): ChildProcess {
    const inside = ['netns', 'exec', namespace, process.execPath, '-e', script, ...args];
    const child = spawn('ip', inside, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  for (const { family, vip, server, source, type } of FAMILIES) {
    test(`${family}: the client learns it and every byte arrives`, async () => {
      net.setMtu('servers', 1500);
      net.begin([server], {}, [{ address: source, first: 2000, last: 2999 }]);
      const client = start(ENDS.clients, SEND, vip);
      expect(await says(client)).toBe('connected');
      // The way becomes narrower than both were told.
      net.setMtu('servers', MTU);
      const { connections } = net.balancer.program.maps;
      for (const key of connections.keys()) {
        connections.set(key, { ...(connections.get(key) as object), mtu: MTU });
      }
      client.stdin?.write('go');
      expect(await says(client)).toBe(String(BYTES));
      const counters = execFileSync('ip', ['netns', 'exec', ENDS.clients, 'nstat', '-asz'], {
        encoding: 'utf8',
      });
      expect(counter(counters, type)).toBeGreaterThan(0);
      expect([counter(counters, 'IcmpInCsumErrors'), counter(counters, 'Icmp6InCsumErrors')]).toEqual([0, 0]);
    });
  }
});

async function says(child: ChildProcess): Promise<string> {
  const [data] = await once(child.stdout!, 'data');
  return String(data).trim();
}

function inhabit(namespace: string, addresses: readonly string[], gateways: readonly string[]): void {
  for (const one of addresses) {
    ip('-n', namespace, 'address', 'add', one, 'dev', 'eth0', ...(one.includes(':') ? ['nodad'] : []));
  }
  ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  for (const gateway of gateways) ip('-n', namespace, 'route', 'add', 'default', 'via', gateway);
}

/** Of nstat(8). */
function counter(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.includes(name));
  return Number(line?.split(/\s+/)[1] ?? 0);
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

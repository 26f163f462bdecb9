import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { callOnce, openSip } from './call.ts';
import { openSite, type Site } from './open-site.ts';
import { PORT_CHOICES, type Ports, VIP } from './site.ts';

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of closing.splice(0)) await thing.close();
});

/**
 * Ports of this run of this test alone: none that a demo would choose, for the tests of whole demos run beside it, and
 * none of another run on the same machine.
 */
function portsFrom(first: number): Ports {
  const base = first + (process.pid % 100) * 10;
  return { sip: base, sipTls: base + 1, https: base + 2, control: base + 3, admin: base + 4 };
}
const PORTS = portsFrom(30_000);
const OTHER = portsFrom(31_000);

async function site(choices = [PORTS]): Promise<Site> {
  const opened = await openSite(choices);
  closing.push(opened);
  return opened;
}

/** In place of a balancer: everything on the VIP's port goes to one server. */
async function forward(port: number, address: string): Promise<void> {
  const server: Server = createServer((client) => {
    const real = connect(port, address);
    client.on('error', () => real.destroy()).pipe(real);
    real.on('error', () => client.destroy()).pipe(client);
  });
  server.listen(port, VIP);
  await once(server, 'listening');
  closing.push(server);
}

test('every server says who it is over SIP, SIP over TLS and HTTPS', async () => {
  const { ports, ca, frontEnds } = await site();
  await forward(ports.sip, frontEnds[0]!.address);
  await forward(ports.sipTls, frontEnds[1]!.address);
  await forward(ports.https, frontEnds[2]!.address);
  const asked = (['sip', 'sipTls', 'https'] as const).map((protocol) => callOnce(protocol, { ports, ca }));
  expect(await Promise.all(asked)).toEqual(['fe01', 'fe02', 'fe03']);
  expect(frontEnds.map((frontEnd) => frontEnd.answered)).toEqual([1, 1, 1]);
});

test('a phone keeps its connection, and a client that is shown a stranger’s certificate refuses it', async () => {
  const { ports, ca, frontEnds } = await site();
  await forward(ports.sipTls, frontEnds[1]!.address);
  await forward(ports.https, frontEnds[1]!.address);
  const phone = await openSip('REGISTER', 'sipTls', 'user01', { ports, ca });
  expect([phone.server, phone.socket.readyState]).toEqual(['fe02', 'open']);
  const closed = once(phone.socket, 'close');
  phone.socket.end();
  await closed;
  const { ca: stranger } = await site([OTHER]);
  await expect(callOnce('sipTls', { ports, ca: stranger })).rejects.toThrow(/certificate|signature/);
  await expect(callOnce('https', { ports, ca: stranger })).rejects.toThrow(/certificate|signature/);
});

test('a server that fails refuses on its control port alone, and accepts there again when mended', async () => {
  const { ports, frontEnds } = await site();
  const { address } = frontEnds[0]!;
  const accepts = async (port: number) => {
    const socket = connect(port, address);
    return once(socket, 'connect')
      .then(
        () => true,
        () => false,
      )
      .finally(() => socket.destroy());
  };
  await frontEnds[0]!.fail();
  expect(await Promise.all([accepts(ports.control), accepts(ports.sip)])).toEqual([false, true]);
  await frontEnds[0]!.mend();
  expect(await accepts(ports.control)).toBe(true);
});

test('where a port is taken the next ports are used, and the first ones left alone', async () => {
  const first = await site();
  const second = await site([PORTS, OTHER]);
  expect([first.ports, second.ports]).toEqual([PORTS, OTHER]);
  await expect(openSite([PORTS, OTHER])).rejects.toThrow(`SIP on ${PORTS.sip}, ${OTHER.sip}`);
});

test('all ports are such as anybody may bind, and none is used twice, nor by this test', () => {
  const all = [...PORT_CHOICES, PORTS, OTHER].flatMap((ports) => Object.values(ports) as number[]);
  expect(Math.min(...all)).toBeGreaterThan(1023);
  expect(Math.max(...all)).toBeLessThan(32_768);
  expect(new Set(all).size).toBe(all.length);
});

import { expect, test } from 'vitest';
import { configWith, load } from '../config/testing.ts';
import type { RunIp } from './iproute.ts';
import { strayServers } from './routes.ts';

const SERVERS = '{ name: a, address: 10.0.0.41 }, { name: b, address: 10.1.0.41 }';
const one = (head: string) =>
  load(configWith({ head, servers: SERVERS, pool: 'fallback: { address: 10.2.0.9 }' }));

/** By the second number of the address. */
const routes: RunIp = async (args) => {
  const network = args.at(-1)?.split('.')[1];
  if (network === '2') return { ok: false, stdout: '', stderr: 'RTNETLINK answers: Network is unreachable' };
  return {
    ok: true,
    stdout: JSON.stringify([{ dst: args.at(-1), dev: `eth${network}`, flags: [] }]),
    stderr: '',
  };
};

const odd: RunIp = async () => ({ ok: true, stdout: 'oops', stderr: '' });

test('a server behind another interface is named; one that nothing leads to is not', async () => {
  const { effective } = one('topology: { interface: eth0 }');
  expect(await strayServers(effective, ['eth0'], routes)).toEqual([
    { what: 'p/b', address: '10.1.0.41', by: 'eth1' },
  ]);
  expect(await strayServers(effective, ['eth0', 'eth1'], routes)).toEqual([]);
});

test('in the network of an address that is yet to be added nobody is asked for', async () => {
  const topology = 'mode: two-armed, clientInterface: eth5, serverInterface: eth6, serverAddress: 10.0.0.5/8';
  expect(await strayServers(one(`topology: { ${topology} }`).effective, ['eth5', 'eth6'], routes)).toEqual(
    [],
  );
});

test('an answer that is none says nothing', async () => {
  const { effective } = one('topology: { interface: eth0 }');
  expect(await strayServers(effective, ['eth0'], odd)).toEqual([]);
});

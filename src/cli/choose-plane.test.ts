import { describe, expect, it } from 'vitest';
import { configWith, load } from '../config/testing.ts';
import type { Missing } from '../dataplane/kernel/requirements.ts';
import { choosePlane } from './choose-plane.ts';

const LACKS: readonly Missing[] = [
  { what: 'this process lacks CAP_BPF', hint: 'Run as root.' },
  { what: 'the program nft is not installed', hint: 'Install the package nftables.' },
];

async function choice(head: string, missing: readonly Missing[] = [], rest: { servers?: string } = {}) {
  return choosePlane(load(configWith({ head, ...rest })).effective, async () => missing);
}

function asked(): never {
  throw new Error('asked');
}

const ON_ETH0 = 'topology: { interface: eth0 }';
const ROUTING = 'topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1, routing: true }';

describe('auto', () => {
  it('takes the kernel where it can run and an interface is given', async () => {
    const reason = 'auto: this machine can run it, on eth0';
    expect(await choice(ON_ETH0)).toEqual({ name: 'kernel', reason });
    expect((await choice(ROUTING)).reason).toBe('auto: this machine can run it, on eth0 and eth1');
  });

  it.each<[string, string, { servers?: string }, string]>([
    ['no interface', '', {}, 'auto: no topology.interface is given'],
    [
      'a server on loopback',
      ON_ETH0,
      { servers: '{ name: a, address: 127.0.0.2 }' },
      'auto: 127.0.0.2 is a loopback address',
    ],
    [
      'a server of another family',
      ON_ETH0,
      { servers: '{ name: a, address: "2001:db8::1" }' },
      'auto: the VIP 10.0.0.40 and the server 2001:db8::1 are of different families',
    ],
  ])('takes the proxy for %s, without a look at the machine', async (_, head, rest, reason) => {
    const { effective } = load(configWith({ head, ...rest }));
    expect(await choosePlane(effective, asked)).toEqual({ name: 'proxy', reason });
  });

  it('takes the proxy on a machine that lacks something, and names all of it', async () => {
    const reason = 'auto: this process lacks CAP_BPF; the program nft is not installed';
    expect(await choice(ON_ETH0, LACKS)).toEqual({ name: 'proxy', reason });
  });

  it('is refused where the proxy could not do what is asked for', async () => {
    await expect(choice(ROUTING, LACKS)).rejects.toMatchObject({
      code: 'PLANE_UNAVAILABLE',
      message:
        'Routing between the networks needs the kernel data plane, and this machine cannot run it: ' +
        'this process lacks CAP_BPF; the program nft is not installed.',
      hint: 'Run as root. Install the package nftables.',
    });
  });
});

describe('said in the config', () => {
  it('proxy is proxy', async () => {
    const reason = 'the config says dataPlane: proxy';
    expect(await choice(`dataPlane: proxy\n${ON_ETH0}`)).toEqual({ name: 'proxy', reason });
  });

  it('kernel is kernel, or refused with each missing thing', async () => {
    const head = `dataPlane: kernel\n${ON_ETH0}`;
    const reason = 'the config says dataPlane: kernel';
    expect(await choice(head)).toEqual({ name: 'kernel', reason });
    await expect(choice(head, LACKS)).rejects.toMatchObject({
      code: 'PLANE_UNAVAILABLE',
      message: expect.stringContaining('this process lacks CAP_BPF; the program nft is not installed.'),
    });
  });
});

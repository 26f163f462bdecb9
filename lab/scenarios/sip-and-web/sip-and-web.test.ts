/** Real Front Ends and real clients: kamailio and nginx behind the VIP; sipp, openssl and curl before it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { curl } from '../../clients/curl.ts';
import { sipOptions, tlsTalk } from '../../clients/openssl.ts';
import { sipp } from '../../clients/sipp.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';
import { type Authority, makeAuthority, makeCertificate } from '../../servers/certificates.ts';
import { startKamailio } from '../../servers/kamailio.ts';
import { Nginx } from '../../servers/nginx.ts';

const PORTS = [443, 444, 5060, 5061];

onEachPlane('SIP and web services', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let authority: Authority;
  const webs: Nginx[] = [];

  beforeAll(async () => {
    lab = await buildLab({ plane });
    const { network } = lab;
    authority = await makeAuthority(network.directory);
    for (const host of network.servers) {
      const tls = await makeCertificate(authority, host.role);
      await startKamailio(host, network.directory, tls);
      webs.push(await Nginx.start(host, network.directory, [443, 444], tls));
    }
    const servers = serversOf(network.servers);
    balancer = await lab.balance(labConfig({ plane, servers, ports: PORTS, checkPorts: [5061, 444] }));
  });
  afterAll(() => lab?.close());

  for (const method of ['OPTIONS', 'REGISTER'] as const) {
    it(`sipp: 90 ${method} calls, a connection each, reach all three servers`, async () => {
      const argument = { method, host: VIP, port: 5060, calls: 90, connection: 'each' } as const;
      const done = await sipp(lab.network.client, { ...argument, directory: lab.network.directory });
      expect(done.code, `${done.output}`).toBe(0);
      expect(Object.keys(done.answers).sort()).toEqual(['fe01', 'fe02', 'fe03']);
      expect(Object.values(done.answers).reduce((a, b) => a + b)).toBe(90);
    });
  }

  it('sipp: calls over one connection stay with one server', async () => {
    const argument = { method: 'REGISTER', host: VIP, port: 5060, calls: 50, connection: 'one' } as const;
    const done = await sipp(lab.network.client, { ...argument, directory: lab.network.directory });
    expect(done.code, `${done.output}`).toBe(0);
    expect(Object.values(done.answers)).toEqual([50]);
  });

  it('openssl: TLS passes through; each server shows its own certificate, good for the pool’s name', async () => {
    const subjects = new Set<string>();
    for (let i = 0; i < 6; i += 1) {
      const talk = await tlsTalk(lab.network.client, {
        host: VIP,
        port: 5061,
        authority: authority.certificate,
        text: sipOptions(`call${i}`),
        until: /^Server: fe0\d/m,
      });
      expect(talk.verdict).toBe('0 (ok)');
      // The server that answers is the one whose certificate came: nothing stands between.
      expect(talk.subject).toBe(`CN = ${/^Server: (fe0\d)/m.exec(talk.output)?.[1]}.contoso.com`);
      subjects.add(talk.subject);
    }
    expect(subjects.size).toBe(3);
  });

  it('curl: HTTPS on 443 and 444 of the pool’s name', async () => {
    for (const port of [443, 444]) {
      const bodies = new Set<string>();
      for (let i = 0; i < 6; i += 1) {
        const got = await curl(lab.network.client, { address: VIP, port, authority: authority.certificate });
        expect(got.code).toBe(0);
        bodies.add(got.body);
      }
      expect([...bodies].sort()).toEqual([1, 2, 3].map((n) => `I am fe0${n}:${port}\n`));
    }
  });

  it('a Front End whose web services end gets no SIP either', async () => {
    await webs[0]?.stop();
    await balancer.waitHealth('fe01', 'down');
    const argument = { method: 'OPTIONS', host: VIP, port: 5060, calls: 60, connection: 'each' } as const;
    const done = await sipp(lab.network.client, { ...argument, directory: lab.network.directory });
    expect(done.code, `${done.output}`).toBe(0);
    expect(Object.keys(done.answers).sort()).toEqual(['fe02', 'fe03']);
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });
});

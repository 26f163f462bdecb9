/** An operator proves a new balancer by reconnecting and watching the servers take turns. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { curl } from '../../clients/curl.ts';
import { VIP } from '../../net/network.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';
import { makeAuthority, makeCertificate } from '../../servers/certificates.ts';
import { Nginx } from '../../servers/nginx.ts';

const RECONNECTS = 40;

/** Every server differs from those of the `among - 1` connections before it. */
function takesTurns(servers: readonly (string | null)[], among: number): boolean {
  return servers.every(
    (_, i) => new Set(servers.slice(i, i + among)).size === Math.min(among, servers.length - i),
  );
}

onEachPlane('alternation', (plane) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
  });
  afterAll(() => lab?.close());

  for (const scheduler of ['rr', 'wrr', 'lc', 'wlc']) {
    it(`${scheduler}: three equal servers take strict turns over ${RECONNECTS} reconnects`, async () => {
      await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers), scheduler }));
      const seen: (string | null)[] = [];
      for (let i = 0; i < RECONNECTS; i += 1) {
        const [state] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
        seen.push(state?.server ?? null);
        await lab.crowd.close();
      }
      expect(seen).not.toContain(null);
      expect(takesTurns(seen, 3), `${seen.join(' ')}`).toBe(true);
    });
  }

  it(`two web servers take strict turns for curl over ${RECONNECTS} reconnects`, async () => {
    const { network } = lab;
    const authority = await makeAuthority(network.directory);
    const two = network.servers.slice(0, 2);
    for (const host of two) {
      await Nginx.start(host, network.directory, [443], await makeCertificate(authority, host.role));
    }
    await lab.balance(labConfig({ plane, servers: serversOf(two), ports: [443] }));
    const seen: string[] = [];
    for (let i = 0; i < RECONNECTS; i += 1) {
      const got = await curl(network.client, { address: VIP, port: 443, authority: authority.certificate });
      expect(got.code).toBe(0);
      seen.push(got.body.trim());
    }
    expect(takesTurns(seen, 2), `${seen.join(' ')}`).toBe(true);
    expect(new Set(seen)).toEqual(new Set(['I am fe01:443', 'I am fe02:443']));
  });
});

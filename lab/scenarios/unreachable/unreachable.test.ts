/**
 * A UDP server whose program is gone says so by ICMP, and the client hears it, of the VIP that it knows. The proxy plane
 * has sockets of its own towards the server, so that such a message ends there.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { StunCrowd } from '../../clients/stun-crowd.ts';
import { VIP } from '../../net/network.ts';
import { Capture } from '../../net/capture.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import { STUN_PORT } from '../../servers/coturn.ts';

const plane = 'kernel';
const PORT_UNREACHABLE = 'icmp[0] = 3 and icmp[1] = 3';

onOnePlane(plane, 'port unreachable', () => {
  let lab: Lab;
  let clients: StunCrowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, arms: 'two-armed', servers: 1 });
    clients = await StunCrowd.start(lab.network.client);
  });
  afterAll(() => lab?.close());

  for (const nat of ['full', 'half']) {
    it(`reaches the client with the VIP in it, ${nat}-NAT`, async () => {
      const servers = serversOf(lab.network.servers);
      const ports = [{ port: STUN_PORT, protocol: 'udp' }];
      await lab.balance(labConfig({ plane, topology: TWO_ARMED, servers, ports, service: { nat } }));
      const { ipv4 } = lab.network.client;
      const told = await Capture.on(lab.network.client, PORT_UNREACHABLE, [
        'ip.src',
        'ip.dst',
        'udp.dstport',
      ]);
      const [asked] = await clients.open({ host: VIP, port: STUN_PORT, count: 1, from: [ipv4] });
      expect(asked?.seen).toBeNull();
      await waitFor('the message to be captured', () => told.rows().length > 0);
      // Outer header, then the client's own: from it to the VIP, at the port that it asked.
      expect(told.rows()[0]).toEqual([expect.stringMatching(`,${ipv4}$`), `${ipv4},${VIP}`, `${STUN_PORT}`]);
      await told.close();
      await clients.close();
    });
  }
});

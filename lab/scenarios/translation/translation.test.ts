/**
 * What a server sees of a client, as tshark on the server shows it: with full-NAT the balancer's address, with half-NAT
 * the client's own. The proxy plane has connections of its own to the servers, so it is not asked.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf, TWO_ARMED } from '../../balancer/config.ts';
import { byServer, idsOf } from '../../clients/crowd.ts';
import { INNER } from '../../net/arms.ts';
import { VIP } from '../../net/network.ts';
import { Capture } from '../../net/capture.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';

const plane = 'kernel';
const FIELDS = ['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport'];
/** Checks are on another port, so all on this one is clients'. */
const PORT = 443;
const HELD = 12;

/** The pairs of addresses of all packets, each once. */
function pairs(capture: Capture): string[] {
  return [...new Set(capture.rows().map(([from, to]) => `${from} > ${to}`))].toSorted();
}

for (const arms of ['one-armed', 'two-armed'] as const) {
  onOnePlane(plane, `addresses on the wire, ${arms}`, () => {
    let lab: Lab;
    let balancer: Balancer;
    let atServer: Capture;

    beforeAll(async () => {
      lab = await buildLab({ plane, arms, ports: [PORT, 5061] });
    });
    afterEach(() => Promise.all([atServer?.close(), lab.crowd.close()]));
    afterAll(() => lab?.close());

    async function start(service: ConfigTree): Promise<void> {
      const topology = arms === 'one-armed' ? { interface: 'eth0' } : TWO_ARMED;
      const servers = serversOf(lab.network.servers);
      balancer = await lab.balance(
        labConfig({ plane, topology, servers, ports: [PORT], checkPorts: [5061], service }),
      );
      atServer = await Capture.on(lab.network.server(1), `tcp port ${PORT}`, FIELDS);
    }

    /** Opens, talks, and closes; the server has a third of them. */
    async function talk(): Promise<void> {
      const held = await lab.crowd.open({ host: VIP, port: PORT, count: HELD, command: 'echo' });
      expect(byServer(held)).toEqual({ fe01: HELD / 3, fe02: HELD / 3, fe03: HELD / 3 });
      expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
      // What the balancer lists is what the wire shows.
      const listed = (await balancer.connections()).filter((row) => row.realServer === 'fe01');
      const peers = (await lab.standIn(1).openConversations(PORT)).map(({ peer }) => peer.split('|'));
      expect(listed.map(({ source }) => source).toSorted()).toEqual(
        peers.map(([address, port]) => `${address?.replace('::ffff:', '')}:${port}`).toSorted(),
      );
      await lab.crowd.close();
      await waitFor('the ends to be captured', () => atServer.rows().length >= (HELD / 3) * 8);
    }

    const server = (): string => lab.network.server(1).ipv4;
    const own = arms === 'one-armed' ? '10.0.0.5' : INNER;
    const pool = (last: number): string => own.replace(/\d+$/, String(last));

    it('full-NAT: the balancer’s own address, and neither the client’s nor the VIP', async () => {
      await start({});
      await talk();
      expect(pairs(atServer)).toEqual([`${own} > ${server()}`, `${server()} > ${own}`].toSorted());
    });

    it('full-NAT with a SNAT pool: its addresses in turn', async () => {
      await start({ snatPool: [`${pool(60)}-${pool(61)}`] });
      await talk();
      const both = [pool(60), pool(61)].flatMap((a) => [`${a} > ${server()}`, `${server()} > ${a}`]);
      expect(pairs(atServer)).toEqual(both.toSorted());
    });

    it.runIf(arms === 'two-armed')('half-NAT: the client’s own address and port', async () => {
      await start({ nat: 'half' });
      const held = await lab.crowd.open({ host: VIP, port: PORT, count: HELD, command: 'echo' });
      const ports = held.filter((one) => one.server === 'fe01').map((one) => String(one.localPort));
      await lab.crowd.close();
      await talk();
      const client = lab.network.client.ipv4;
      expect(pairs(atServer)).toEqual([`${client} > ${server()}`, `${server()} > ${client}`].toSorted());
      const seen = new Set(atServer.rows().map((row) => row[2]));
      expect(ports.filter((port) => !seen.has(port))).toEqual([]);
    });
  });
}

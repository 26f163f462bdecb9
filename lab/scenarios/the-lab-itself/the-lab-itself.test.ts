/** The lab's own tools, straight from client to server: a scenario that fails shall not be the tool's fault. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patternDigest } from '../../agent/pattern.ts';
import { curl } from '../../clients/curl.ts';
import { idsOf } from '../../clients/crowd.ts';
import { sipOptions, tlsTalk } from '../../clients/openssl.ts';
import { sipp } from '../../clients/sipp.ts';
import { Capture } from '../../net/capture.ts';
import { blackHole, fillHole, PacketCounter } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, describeLab, type Lab } from '../../scenario.ts';
import { type Authority, makeAuthority, makeCertificate } from '../../servers/certificates.ts';
import { startKamailio } from '../../servers/kamailio.ts';
import { Nginx } from '../../servers/nginx.ts';

const PORT = 7000;

describeLab('the lab itself', () => {
  let lab: Lab;
  let authority: Authority;
  let server: string;

  beforeAll(async () => {
    lab = await buildLab({ servers: 2, ports: [PORT] });
    server = lab.network.server(1).ipv4;
    authority = await makeAuthority(lab.network.directory);
  });
  afterAll(() => lab?.close());

  it('a stand-in says who it is, over IPv4 and IPv6, and knows who spoke', async () => {
    const four = await lab.crowd.open({ host: server, port: PORT, count: 3, command: 'echo' });
    const six = await lab.crowd.open({ host: lab.network.server(2).ipv6, port: PORT, count: 2 });
    expect(four.map((state) => state.server)).toEqual(['fe01', 'fe01', 'fe01']);
    expect(six.map((state) => state.server)).toEqual(['fe02', 'fe02']);
    expect(await lab.crowd.exchange(idsOf(four))).toEqual([]);
    await waitFor('fe01 to have heard all', async () => (await lab.standIn(1).stats(PORT)).spoke === 3);
    expect((await lab.standIn(2).stats(PORT)).spoke).toBe(0);
    await lab.crowd.close();
  });

  it('packets are counted, and a capture shows them', async () => {
    const counter = await PacketCounter.on(lab.network.server(1));
    const capture = await Capture.on(lab.network.client, 'tcp[tcpflags] & tcp-rst != 0', ['tcp.srcport']);
    const held = await lab.crowd.open({ host: server, port: PORT, count: 4, command: 'echo' });
    await lab.standIn(1).reset(PORT);
    await waitFor('every client to be reset', async () =>
      (await lab.crowd.states(idsOf(held))).every((state) => state.error === 'ECONNRESET'),
    );
    expect((await counter.syns()).get(PORT)).toBe(4);
    await waitFor('four resets on the wire', () => capture.rows().length === 4);
    await capture.close();
  });

  it('a refused connect and a black hole look different', async () => {
    const [refused] = await lab.crowd.open({ host: server, port: PORT + 1, count: 1 });
    expect(refused?.error).toBe('ECONNREFUSED');
    await blackHole(lab.network.server(1));
    const [silent] = await lab.crowd.open({ host: server, port: PORT, count: 1, timeoutMs: 400 });
    expect(silent?.error).toBe('TIMEOUT');
    await fillHole(lab.network.server(1));
    const [again] = await lab.crowd.open({ host: server, port: PORT, count: 1 });
    expect(again?.server).toBe('fe01');
    await lab.crowd.close(undefined, 'reset');
  });

  it('transfers are checked by digest both ways, whoever ends first', async () => {
    const bytes = 1_000_000;
    const at = { host: server, port: PORT };
    const clientFirst = await lab.crowd.startTalk({ ...at, command: `after-end ${bytes}`, bytes: 500_000 });
    const serverFirst = await lab.crowd.startTalk({
      ...at,
      command: `send ${bytes}`,
      bytes: 500_000,
      when: 'after-server-end',
    });
    for (const talk of await lab.crowd.finishTalks([clientFirst, serverFirst])) {
      expect(talk).toMatchObject({ error: null, received: bytes, digest: patternDigest(bytes) });
    }
    const rows = await lab.standIn(1).conversations(PORT);
    const sent = rows.filter((row) => row.command.includes(String(bytes)));
    expect(sent.map((row) => row.digest)).toEqual([patternDigest(500_000), patternDigest(500_000)]);
  });

  it('kamailio, nginx, sipp, openssl and curl work together', async () => {
    const host = lab.network.server(1);
    const tls = await makeCertificate(authority, 'fe01');
    await startKamailio(host, lab.network.directory, tls);
    await Nginx.start(host, lab.network.directory, [443], tls);
    const at = { host: server, port: 5060, directory: lab.network.directory } as const;
    const options = await sipp(lab.network.client, {
      ...at,
      method: 'OPTIONS',
      calls: 10,
      connection: 'each',
    });
    expect(options).toMatchObject({ code: 0, answers: { fe01: 10 } });
    const talk = await tlsTalk(lab.network.client, {
      host: server,
      port: 5061,
      authority: authority.certificate,
      text: sipOptions('lab1'),
      until: /^Server: fe01/m,
    });
    expect(talk).toMatchObject({ subject: 'CN = fe01.contoso.com', verdict: '0 (ok)' });
    const web = await curl(lab.network.client, {
      address: server,
      port: 443,
      authority: authority.certificate,
    });
    expect(web).toEqual({ code: 0, body: 'I am fe01:443\n' });
  });
});

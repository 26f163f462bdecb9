/**
 * Health checks of every type ask real programs: kamailio by OPTIONS over TCP and TLS, nginx by HTTPS, coturn by STUN.
 * Each is broken in a way that a connect would not see, is called by its word, and comes back.
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import {
  type Authority,
  type Certificate,
  makeAuthority,
  makeCertificate,
  POOL_FQDN,
} from '../../servers/certificates.ts';
import { Coturn, STUN_PORT } from '../../servers/coturn.ts';
import { startKamailio } from '../../servers/kamailio.ts';
import { Nginx } from '../../servers/nginx.ts';

const WEB_PORTS = [443, 444];
const ALL_GOOD = {
  'sip 5060': 'L7OK',
  'sip 5061': 'L7OK',
  'https 443': 'L7OK',
  'tls 444': 'L6OK',
  'stun 3478': 'L7OK',
};

// Checks go past the data plane: they are sockets of the control process.
onOnePlane('proxy', 'health checks of every type', () => {
  const plane = 'proxy';
  let lab: Lab;
  let balancer: Balancer;
  let authority: Authority;
  let tls: Certificate;
  let web: Nginx;
  let relay: Coturn;
  let sip: ChildProcess;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 1 });
    const { directory } = lab.network;
    const fe01 = lab.network.server(1);
    authority = await makeAuthority(directory);
    tls = await makeCertificate(authority, fe01.role);
    sip = await startKamailio(fe01, directory, tls);
    web = await Nginx.start(fe01, directory, WEB_PORTS, tls);
    relay = await Coturn.start(fe01, directory);
    const verified = { verify: true, caFile: authority.certificate };
    const healthChecks = [
      { type: 'sip', port: 5060, expectStatus: [200] },
      { type: 'sip', port: 5061, ...verified },
      { type: 'https', port: 443, path: '/status', expectBody: 'I am fe01:443', ...verified },
      { type: 'tls', port: 444, minDaysLeft: 1 },
      { type: 'stun', port: STUN_PORT },
    ];
    balancer = await lab.balance(
      labConfig({
        plane,
        servers: serversOf(lab.network.servers),
        defaults: { healthCheck: { interval: '500ms', timeout: '450ms', rise: 2, fall: 3 } },
        pool: { fqdn: POOL_FQDN, healthChecks },
      }),
    );
  });
  afterAll(() => lab?.close());

  async function results(): Promise<Record<string, string>> {
    const { checks } = await balancer.server('fe01');
    return Object.fromEntries(checks.map(({ type, port, result }) => [`${type} ${port}`, result]));
  }

  async function textOf(wanted: string): Promise<string> {
    const { checks } = await balancer.server('fe01');
    return checks.find(({ type, port }) => `${type} ${port}` === wanted)?.text ?? '';
  }

  async function waitGood(): Promise<void> {
    await balancer.waitHealth('fe01', 'up');
    await waitFor('all checks to be good', async () =>
      Object.values(await results()).every((r) => r.endsWith('OK')),
    );
  }

  /** Together, at one look. */
  async function waitResults(changed: Record<string, string>): Promise<void> {
    const wanted = JSON.stringify({ ...ALL_GOOD, ...changed });
    await waitFor(`the results ${wanted}`, async () => JSON.stringify(await results()) === wanted);
  }

  it('all of them are answered', async () => {
    await waitGood();
    await waitResults({});
    expect(await textOf('sip 5061')).toBe('200 OK');
  });

  it('a SIP service that hangs: it accepts, and neither shakes hands nor answers', async () => {
    const processes = processesOf(sip);
    expect(processes.length).toBeGreaterThan(2);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    await balancer.waitHealth('fe01', 'down');
    await waitResults({ 'sip 5060': 'L7TOUT', 'sip 5061': 'L6TOUT' });
    for (const pid of processes) process.kill(pid, 'SIGCONT');
    await waitGood();
  });

  it('a web server with a certificate of somebody else', async () => {
    const elsewhere = join(lab.network.directory, 'elsewhere');
    await mkdir(elsewhere);
    const foreign = await makeCertificate(await makeAuthority(elsewhere), 'fe01');
    await web.stop();
    web = await Nginx.start(lab.network.server(1), lab.network.directory, WEB_PORTS, foreign);
    await balancer.waitHealth('fe01', 'down');
    // 444 still shakes hands, which is all that the other check asks for.
    await waitResults({ 'https 443': 'L6RSP' });
    expect(await textOf('https 443')).toBe('Certificate refused: its issuer is not trusted');
    await web.stop();
    web = await Nginx.start(lab.network.server(1), lab.network.directory, WEB_PORTS, tls);
    await waitGood();
  });

  it('a STUN server that is gone, and back', async () => {
    await relay.stop();
    await balancer.waitHealth('fe01', 'down');
    await waitResults({ 'stun 3478': 'L4CON' });
    expect(await textOf('stun 3478')).toBe('Connection refused');
    relay = await Coturn.start(lab.network.server(1), lab.network.directory);
    await waitGood();
  });

  it('the probes tell the story', async () => {
    const asked = await balancer.cli('servers', 'fe01', '--probes', '--format', 'json');
    expect(asked.code).toBe(0);
    const [{ checks }] = JSON.parse(asked.stdout) as [
      { checks: { type: string; port: number; health: string; probes: { result: string }[] }[] },
    ];
    const words = (type: string, port: number): string[] => [
      ...new Set(checks.find((c) => c.type === type && c.port === port)?.probes.map((p) => p.result)),
    ];
    expect(checks.map((c) => c.health)).toEqual(['up', 'up', 'up', 'up', 'up']);
    expect(words('sip', 5060)).toEqual(['L7OK', 'L7TOUT']);
    expect(words('sip', 5061)).toEqual(['L7OK', 'L6TOUT']);
    expect(words('stun', 3478)).toEqual(['L7OK', 'L4CON']);
    expect(words('https', 443)).toEqual(expect.arrayContaining(['L7OK', 'L6RSP']));
    const table = await balancer.cli('servers', 'fe01', '--probes');
    expect(table.stdout).toMatch(
      /^ocspool\/fe01 +https 443 +\S+ +L6RSP +\d+ms +Certificate refused: its issuer/m,
    );
  });
});

/** A child and everything below it. */
function processesOf(child: ChildProcess): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended between listing and looking.
    }
  }
  const found = [child.pid ?? 0];
  for (const pid of found) for (const [of, parent] of parents) if (parent === pid) found.push(of);
  return found;
}

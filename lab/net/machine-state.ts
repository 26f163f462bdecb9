/** All that a program can leave behind in a machine's network, as text that can be compared. */
import { readdirSync } from 'node:fs';
import type { Host } from './host.ts';
import { waitFor } from './wait.ts';

/** What the kernel changes by itself. */
const RESTLESS = /nf_conntrack_count|\.route\.flush|\.stable_secret|entropy/;

/** Interfaces, addresses, routes, rules, filters at TC, nftables, settings, and names in the file system for BPF. */
export async function machineState(host: Host): Promise<string> {
  const addresses = await waitFor('the link-local addresses to be taken', async () => {
    const text = await host.must('ip', ['-o', 'address', 'show']);
    return text.includes('tentative') ? null : text;
  });
  const parts: [string, string][] = [
    ['links', await links(host)],
    ['addresses', addresses],
    ['routes', await host.must('ip', ['route', 'show', 'table', 'all'])],
    ['routes of IPv6', await host.must('ip', ['-6', 'route', 'show', 'table', 'all'])],
    ['rules', (await host.must('ip', ['rule'])) + (await host.must('ip', ['-6', 'rule']))],
    ['queues and filters', await filters(host)],
    ['nftables', await host.must('nft', ['list', 'ruleset'])],
    ['settings', await settings(host)],
    ['names of programs and maps', namesIn(host.bpf).join('\n')],
  ];
  return parts.map(([name, text]) => `== ${name}\n${text.trim()}\n`).join('');
}

/** Without what counts up. */
async function links(host: Host): Promise<string> {
  const text = await host.must('ip', ['-j', 'link', 'show']);
  const all = JSON.parse(text) as { ifname: string; master?: string; mtu: number; flags: string[] }[];
  return all
    .map(({ ifname, master, mtu, flags }) => `${ifname} ${master ?? '-'} ${mtu} ${flags.join(' ')}`)
    .join('\n');
}

async function linkNames(host: Host): Promise<string[]> {
  const text = await host.must('ip', ['-j', 'link', 'show']);
  return (JSON.parse(text) as { ifname: string }[]).map(({ ifname }) => ifname);
}

async function filters(host: Host): Promise<string> {
  let all = await host.must('tc', ['qdisc', 'show']);
  for (const name of await linkNames(host)) {
    for (const direction of ['ingress', 'egress']) {
      all += await host.run('tc', ['filter', 'show', 'dev', name, direction]).then((done) => done.stdout);
    }
  }
  return all;
}

async function settings(host: Host): Promise<string> {
  const { stdout } = await host.run('sysctl', ['-a', '-r', '^net[.](ipv4|ipv6|netfilter|bridge)']);
  return stdout
    .split('\n')
    .filter((line) => !RESTLESS.test(line))
    .join('\n');
}

function namesIn(folder: string | null): string[] {
  return folder === null ? [] : readdirSync(folder, { recursive: true }).map(String).toSorted();
}

/** For tests: a translation for the testbed, and a table of the tests' own that stands in for the program at TC ingress. */
import { applyTranslation } from '../nat/table.ts';
import { NO_TRANSLATION, type Translation } from '../nat/translation.ts';
import type { Held } from './agent.ts';
import { type Arms, buildTestbed, type Testbed, VIP, VIP6 } from './namespaces.ts';

/** Marks new connections to a VIP's port by turns with these marks. */
export async function decide(
  bed: Testbed,
  choices: readonly [port: number, marks: readonly number[]][],
): Promise<void> {
  const rules = choices.flatMap(([port, marks]) => {
    const turns = marks.map((mark, i) => `${i} : ${mark}`).join(', ');
    const value = `numgen inc mod ${marks.length} map { ${turns} }`;
    return ['ip', 'ip6'].map(
      (family) =>
        `${family} daddr ${family === 'ip' ? VIP : VIP6} ct state new th dport ${port} meta mark set ${value}`,
    );
  });
  const chain = `chain c {\n type filter hook prerouting priority -160\n ${rules.join('\n ')}\n}`;
  const done = await bed.nft(
    ['-f', '-'],
    `table inet standin\ndelete table inet standin\ntable inet standin {\n${chain}\n}\n`,
  );
  if (!done.ok) throw new Error(done.stderr);
}

export const PORT = 5061;
export const MAPPED = 443;
export const MAPPED_TO = 4443;

export function translation(bed: Testbed): Translation {
  return {
    ...NO_TRANSLATION,
    targets: [
      { number: 1, address: bed.servers[0] ?? '', port: null },
      { number: 2, address: bed.servers[1] ?? '', port: null },
      { number: 3, address: bed.servers[0] ?? '', port: MAPPED_TO },
      { number: 11, address: bed.servers6[0] ?? '', port: null },
      { number: 13, address: bed.servers6[0] ?? '', port: MAPPED_TO },
    ],
    sources: [...bed.sources, ...bed.sources6].map((address, i) => ({
      number: i + 1,
      address,
      ports: { first: 20_000, last: 29_999 },
    })),
    services: [VIP, VIP6].flatMap((vip) =>
      (['tcp', 'udp'] as const).map((protocol) => ({
        vip,
        protocol,
        ports: { first: 1, last: 6000 },
        idleS: 1800,
      })),
    ),
    noRedirects: ['clients'],
  };
}

/** A testbed that translates so, with servers that greet at both ports. */
export async function buildTranslating(arms: Arms): Promise<Testbed> {
  const bed = await buildTestbed(arms);
  for (const host of [...bed.servers, ...bed.servers6])
    await bed.server.call('serve', { host, ports: [PORT, MAPPED_TO] });
  await applyTranslation(translation(bed), bed.nft);
  return bed;
}

export async function open(bed: Testbed, count: number, port = PORT, host = VIP): Promise<Held[]> {
  return Promise.all(Array.from({ length: count }, () => bed.client.call('connect', { host, port })));
}

/** From now on nothing that an end sends reaches the balancer, until `decide` is called again. */
export async function deafen(bed: Testbed): Promise<void> {
  const chain = 'chain c {\n type filter hook prerouting priority -310\n drop\n}';
  const ruleset = `table inet standin\ndelete table inet standin\ntable inet standin {\n${chain}\n}\n`;
  const done = await bed.nft(['-f', '-'], ruleset);
  if (!done.ok) throw new Error(done.stderr);
}

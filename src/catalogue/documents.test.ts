/** The catalogue as somebody outside sees it, `poolgate ports`, against what the documents list, row by row. */
import { describe, expect, it } from 'vitest';
import { poolgate } from '../cli/testing.ts';
import { OCSPEDIA_CORRECTED, OCSPEDIA_TABLE, VIP_LISTS } from './testing/document-rows.ts';

interface Printed {
  role: string;
  port: number;
  portEnd: number;
  transport: string;
  loadBalanced: boolean;
  source: string;
  correction: string | null;
}

const OCSPEDIA = 'OCSpedia';

/** The transports that a word of the table's third column means. */
const TRANSPORTS: readonly [RegExp, readonly string[]][] = [
  [/^(TCP\/UDP|UDP\/TCP)$/, ['tcp', 'udp']],
  [/^UDP$/, ['udp']],
  [/./, ['tcp']],
];

const CORRECTED = new Map(
  lines(OCSPEDIA_CORRECTED).map(([role = '', written = '', ports = '', transports = '']) => [
    `${role} ${written}`,
    { written, ports, transports: transports.split(' ') },
  ]),
);

describe.each(lines(OCSPEDIA_TABLE))('%s, %s, %s', (role = '', written = '', protocol = '') => {
  const amended = CORRECTED.get(`${role} ${written}`);
  const plain = written.replaceAll(',', '');
  const ranges = amended ? [amended.ports] : plain.split('/');
  const transports = amended?.transports ?? TRANSPORTS.find(([word]) => word.test(protocol))?.[1];

  it.each(ranges)('%s is in the catalogue', async (ports) => {
    const found = await fromOcspedia(role, ports);
    const has = [...new Set(found.map((r) => r.transport))].toSorted();
    // What the document leaves open is for the catalogue to say.
    expect(has).toEqual(protocol === '-' && !amended ? [...new Set(has)] : transports);
    expect(has).not.toEqual([]);
  });

  it.each(ranges)('%s is corrected just where the document is wrong', async (ports) => {
    const found = await fromOcspedia(role, ports);
    const about = found.map((r) => (r.correction ?? '').includes(OCSPEDIA));
    expect(new Set(about)).toEqual(new Set([amended !== undefined]));
  });
});

it('a wrong number is shown as it was written', async () => {
  const wrong = [...CORRECTED].filter(([, { written, ports }]) => written !== ports);
  expect(wrong).toHaveLength(2);
  for (const [key, { written, ports }] of wrong) {
    const found = await fromOcspedia(key.slice(0, -written.length - 1), ports);
    for (const row of found) expect(row.correction).toContain(written);
  }
});

it('nothing is ascribed to that table which is not in it', async () => {
  const { out } = await poolgate('ports --format json');
  const said = (JSON.parse(out) as Printed[]).filter((r) => r.source.includes(OCSPEDIA));
  const listed = lines(OCSPEDIA_TABLE).flatMap(([role = '', written = '']) => {
    const amended = CORRECTED.get(`${role} ${written}`);
    return amended ? [amended.ports] : written.replaceAll(',', '').split('/');
  });
  const text = ({ port, portEnd }: Printed) => (port === portEnd ? `${port}` : `${port}-${portEnd}`);
  expect(said.map(text).filter((ports) => !listed.includes(ports))).toEqual([]);
});

describe.each(Object.entries(VIP_LISTS))('%s', (title, list) => {
  const numbers = list.split(' ').map(Number);

  it('has its ports in the catalogue, each naming it, and no other names it', async () => {
    const rows = await printed('Load Balancer for Front End Servers');
    const named = rows.filter((r) => r.source.includes(title) && r.transport === 'tcp' && r.loadBalanced);
    expect(named.map((r) => r.port).toSorted()).toEqual(numbers.toSorted());
  });

  it('is a column of the comparison with what it has and misses', async () => {
    const { out } = await poolgate('ports --compare --format json');
    const { sources } = JSON.parse(out) as { sources: { title: string; has: number[]; misses: number[] }[] };
    const column = sources.find((s) => s.title.includes(title));
    const all = [...new Set(Object.values(VIP_LISTS).flatMap((text) => text.split(' ').map(Number)))];
    expect(column?.has.toSorted()).toEqual(numbers.toSorted());
    expect(column?.misses.toSorted()).toEqual(all.filter((port) => !numbers.includes(port)).toSorted());
  });
});

it('the port that the walkthrough tests from Front End Servers to Active Directory is there', async () => {
  const rows = await printed('Front End Servers');
  const test = rows.filter((r) => r.port === 135 && r.source.includes('Active Directory server'));
  expect(test.map((r) => [r.transport, r.loadBalanced])).toEqual([['tcp', false]]);
});

it("the ports that the guide's appliance has of its own are there", async () => {
  const rows = await printed('load-balancer-appliance');
  expect(rows.map((r) => r.port)).toEqual([9080, 9081]);
});

/** Asked for by the document's own name of the role; of one side of the consolidated Edge, those rows alone. */
async function printed(role: string): Promise<Printed[]> {
  const [, name = '', side] = /^(.*?)(?: \((\w+)\))?$/.exec(role) ?? [];
  const argv = ['ports', '--product', 'ocs-2007-r2', '--role', name, '--format', 'json'];
  const { code, out } = await poolgate(argv);
  expect(code).toBe(0);
  const rows = JSON.parse(out) as Printed[];
  return side === undefined ? rows : rows.filter((r) => r.role === `load-balancer-edge-${side}`);
}

async function fromOcspedia(role: string, ports: string): Promise<Printed[]> {
  const { port, portEnd } = range(ports);
  const rows = await printed(role);
  return rows.filter((r) => r.port === port && r.portEnd === portEnd && r.source.includes(OCSPEDIA));
}

function range(text: string): { port: number; portEnd: number } {
  const [port = 0, portEnd = port] = text.split('-').map(Number);
  return { port, portEnd };
}

function lines(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' | '));
}

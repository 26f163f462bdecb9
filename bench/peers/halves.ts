/** The two halves of the kernel plane by hand: programs at the clients' interface and the table that translates. */
import { readFileSync } from 'node:fs';
import { attach } from '../../src/dataplane/kernel/bpf/attach.ts';
import { encode } from '../../src/dataplane/kernel/bpf/codec.ts';
import { BpfProgram } from '../../src/dataplane/kernel/bpf/program.ts';
import { runProgram } from '../../src/dataplane/kernel/bpf/run.ts';
import { addressWords } from '../../src/dataplane/kernel/bpf/test-packets.ts';
import { applyTranslation } from '../../src/dataplane/kernel/nat/table.ts';
import { NO_TRANSLATION } from '../../src/dataplane/kernel/nat/translation.ts';

const { vip, servers, sources, first, last } = JSON.parse(process.argv[2] ?? '');
const numbered = (addresses: string[], more: object) =>
  addresses.map((address, i) => ({ number: i + 1, address, ...more })) as never;
const program = BpfProgram.load({ connections: 100_000 });
const { maps } = program;
maps.pools.set(0, {
  count: servers.length,
  servers: servers.map((_: string, i: number) => ({ weight: 1, selectable: 1, target: i + 1 })),
});
const numbers = sources.map((_: string, i: number) => i + 1);
maps.services.set(0, { pool: 0, scheduler: 3, source_count: numbers.length, sources: numbers });
const ranges = [{ first, last, service: 0 }];
maps.vips.set({ vip: addressWords(vip), protocol: 6 }, { count: 1, ranges });
await applyTranslation({
  ...NO_TRANSLATION,
  targets: numbered(servers, { port: null }),
  sources: numbered(sources, { ports: null }),
  services: [{ vip, protocol: 'tcp', ports: { first, last }, idleS: 1800 }],
});
const index = Number(readFileSync('/sys/class/net/clients/ifindex', 'utf8'));
attach(index, 'ingress', program.fd('from_clients'));
attach(index, 'egress', program.fd('to_clients'));
setInterval(() => runProgram(program.fd('sweep'), encode(program.layout('sweep'), {})), 1000);

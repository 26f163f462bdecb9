/** The source ports that the programs gave away: all of them, read without an object for each. */
import { offsets } from '../bpf/btf.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { PortUses } from '../conntrack/source-ports.ts';
import { addressAt, isIPv4At } from './table.ts';

const IPPROTO_TCP = 6;
/** An address has 16 bytes; one of IPv4 is their end. */
const BEFORE_IPV4 = 12;

/** One that has just ended holds its port still. With half-NAT none is held. @throws PoolgateError SYSTEM */
export function addWays({ maps: { ways } }: BpfProgram, to: PortUses): void {
  const at = offsets(ways.key, ['server', 'source', 'server_port', 'source_port']);
  const { client } = offsets(ways.value, ['client']);
  for (const { keys, values, count } of ways.batches()) {
    const bytes = new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength);
    for (let i = 0; i < count; i++) {
      const key = i * ways.key.size;
      if (isSame(keys, key + at.source, values, i * ways.value.size + client)) continue;
      const skipped = isIPv4At(keys, key + at.server) ? BEFORE_IPV4 : 0;
      const port = keys.getUint16(key + at.server_port);
      const place = {
        bytes,
        protocol: IPPROTO_TCP,
        size: 16 - skipped,
        serverAt: key + at.server + skipped,
        port,
        sourceAt: key + at.source + skipped,
      };
      to.addWay(place, keys.getUint16(key + at.source_port), () => ({
        source: addressAt(keys, key + at.source),
        protocol: 'tcp',
        server: addressAt(keys, key + at.server),
        serverPort: port,
      }));
    }
  }
}

function isSame(a: DataView, atA: number, b: DataView, atB: number): boolean {
  for (let i = 0; i < 16; i += 4) if (a.getUint32(atA + i) !== b.getUint32(atB + i)) return false;
  return true;
}

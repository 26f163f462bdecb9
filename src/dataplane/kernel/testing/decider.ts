/**
 * For tests: the programs at an interface of the namespace that this runs in, with what the parent says over the channel
 * in their maps. Ends with its parent, or stays attached when it is killed.
 */
import { readFileSync } from 'node:fs';
import { attach, attached, detach } from '../bpf/attach.ts';
import type { Value } from '../bpf/codec.ts';
import { BpfProgram, type MapName } from '../bpf/program.ts';

const index = Number(readFileSync(`/sys/class/net/${process.argv[2]}/ifindex`, 'utf8'));
const program = BpfProgram.load({ connections: 20_000 });

export const deciding = {
  set: ({ map, key, value }: { map: MapName; key: Value; value: Value }): void =>
    program.maps[map].set(key, value),
  get: ({ map, key }: { map: MapName; key: Value }): Value | null => program.maps[map].get(key),
  attach(): void {
    attach(index, 'ingress', program.fd('from_clients'));
    attach(index, 'egress', program.fd('to_clients'));
  },
  /** Which of the two hooks have a program of ours. */
  attached: (): boolean[] => [attached(index, 'ingress') !== null, attached(index, 'egress') !== null],
  detach(): void {
    detach(index, 'ingress');
    detach(index, 'egress');
  },
};

process.on(
  'message',
  ({ id, what, argument }: { id: number; what: keyof typeof deciding; argument: never }) => {
    try {
      process.send?.({ id, result: (deciding[what] as (argument: never) => unknown)(argument) });
    } catch (error) {
      process.send?.({ id, error: (error as Error).message });
    }
  },
);
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, result: null });

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { capabilitiesIn, lookAtMachine } from './machine.ts';
import type { RunNft } from './nat/nft.ts';
import { type Machine, missingFor, oneLine } from './requirements.ts';
import { buildTestbed, reasonNotToRun } from './testing/namespaces.ts';

const GOOD: Machine = {
  release: '6.1.0-18-amd64',
  capabilities: new Set(['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_BPF']),
  nft: 'fine',
  refused: [],
  conntrackNetlink: true,
  object: true,
  libbpf: true,
  bpffs: true,
};

/** An nft that accepts what this says, and prints so of itself. */
function answers(accepts: (input: string) => boolean, stdout = '  json: yes\n'): RunNft {
  return async (_, input = '') => ({ ok: accepts(input), stdout, stderr: '' });
}

const mayAsk = capabilitiesIn(readFileSync('/proc/self/status', 'utf8')).has('CAP_NET_ADMIN');

describe('what is missing', () => {
  it('is nothing on a machine that has it all', () => {
    expect(missingFor(GOOD)).toEqual([]);
  });

  it.each<[Partial<Machine>, string, string]>([
    [{ capabilities: new Set(['CAP_NET_RAW', 'CAP_BPF']) }, 'lacks CAP_NET_ADMIN', 'as root'],
    [{ capabilities: new Set(['CAP_NET_ADMIN', 'CAP_BPF']) }, 'lacks CAP_NET_RAW', 'as root'],
    [{ capabilities: new Set(['CAP_NET_ADMIN', 'CAP_NET_RAW']) }, 'lacks CAP_BPF', 'as root'],
    [{ nft: 'absent' }, 'nft is not installed', 'package nftables'],
    [{ nft: 'no-json' }, 'takes no JSON', 'libjansson'],
    [{ refused: ['nf_tables'] }, 'Linux 6.1.0-18-amd64 has no nftables', 'modprobe nf_tables'],
    [{ refused: ['nf_conntrack'] }, 'no connection tracking', 'modprobe nft_ct'],
    [{ refused: ['nf_nat'] }, 'no address translation', 'modprobe nft_chain_nat'],
    [{ refused: ['timeouts'] }, 'no timeouts', 'CONFIG_NF_CONNTRACK_TIMEOUT'],
    [{ conntrackNetlink: false }, 'does not list tracked connections', 'modprobe nf_conntrack_netlink'],
    [{ object: false }, 'build/poolgate.bpf.o', 'npm run bpf'],
    [{ libbpf: false }, 'libbpf.so.1', 'package libbpf1'],
    [{ bpffs: false }, '/sys/fs/bpf', 'mount -t bpf bpf /sys/fs/bpf'],
  ])('%j is named, with what to do', (part, what, hint) => {
    const missing = missingFor({ ...GOOD, ...part });
    expect(missing).toEqual([{ what: expect.stringContaining(what), hint: expect.stringContaining(hint) }]);
  });

  it('all of it at once is one line; what could not be asked is not claimed', () => {
    const bare: Machine = {
      ...GOOD,
      capabilities: new Set(),
      nft: 'absent',
      refused: null,
      conntrackNetlink: null,
    };
    expect(missingFor(bare)).toHaveLength(4);
    expect(oneLine(missingFor(bare))).toMatch(
      /^this process lacks CAP_NET_ADMIN.*; the program nft is not installed$/,
    );
  });
});

describe('this machine', () => {
  it("is asked for the process's capabilities", () => {
    expect([...capabilitiesIn('CapPrm:\t000001ffffffffff\nCapEff:\t0000000000003000\n')]).toEqual([
      'CAP_NET_ADMIN',
      'CAP_NET_RAW',
    ]);
    expect([...capabilitiesIn('CapEff:\t0000008000000000\n')]).toEqual(['CAP_BPF']);
    expect([...capabilitiesIn('CapEff:\t0000000000200000\n')]).toEqual(['CAP_BPF']);
    expect([...capabilitiesIn('')]).toEqual([]);
  });

  it.skipIf(!mayAsk)('has its nft asked, which may be absent, old or refused by the kernel', async () => {
    expect(await lookAtMachine(() => Promise.reject(new Error('ENOENT')))).toMatchObject({
      nft: 'absent',
      refused: null,
    });
    expect(await lookAtMachine(answers(() => true, '  json:\tno\n'))).toMatchObject({ nft: 'no-json' });
    expect(await lookAtMachine(answers(() => false))).toMatchObject({ refused: ['nf_tables'] });
    expect(await lookAtMachine(answers((input) => !/dnat|timeout/.test(input)))).toMatchObject({
      refused: ['nf_nat', 'timeouts'],
    });
  });

  it.skipIf(reasonNotToRun() !== '')(
    'in a namespace has what the table needs, and keeps nothing of having been asked',
    async () => {
      const bed = await buildTestbed('one-armed');
      try {
        const machine = await lookAtMachine(bed.nft);
        expect(machine).toMatchObject({ nft: 'fine', refused: [], conntrackNetlink: true });
        expect((await bed.nft(['list', 'ruleset'])).stdout).toBe('');
      } finally {
        bed.close();
      }
    },
  );
});

import type { Site } from '../groups/group.ts';
import { firstLine, run } from '../processes.ts';
import type { Peer } from './peer.ts';

export interface Chain {
  /** As `type nat hook prerouting priority dstnat`. */
  readonly hook: string;
  readonly rule: string;
}

export interface Rules {
  readonly title: string;
  readonly setting: string;
  readonly addresses: (site: Site) => readonly string[];
  readonly chains: (site: Site) => readonly Chain[];
}

/** A peer that is nothing but rules in a namespace of its own; it has no process. */
export function nftPeer({ title, setting, addresses, chains }: Rules): Peer {
  return {
    title,
    setting,
    wants: 'the Debian package nftables',
    version: async () => (await firstLine('nft', ['-v']))?.trim(),
    async start(site) {
      const [command = '', ...words] = site.balancer;
      const nft = (text: string) => run(command, [...words, 'nft', '-f', '-'], text);
      const texts = chains(site).map(({ hook, rule }, i) => `chain c${i} {\n${hook};\n${rule}\n}`);
      await nft(`table ip bench {\n${texts.join('\n')}\n}\n`);
      const stop = async () => void (await nft('delete table ip bench\n'));
      return { site, addresses: addresses(site), pids: () => [], stop };
    },
  };
}

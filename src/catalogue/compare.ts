/** The documents side by side: which ports each puts on the VIP of an Enterprise pool, and what Poolgate does. */
import { findProfile } from '../profiles/profiles.ts';
import type { DocumentKey } from './documents.ts';
import { titleOf } from './documents.ts';
import { correctionText } from './row.ts';
import { selectRows } from './select.ts';

/** In the order of the columns, each with its short name there. */
const COMPARED = {
  requirements: 'Microsoft',
  ocspedia: 'OCSpedia',
  weblog: 'weblog',
  loadbalancerOrg: 'Loadbalancer.org',
  webmux: 'WebMux',
  radware: 'Radware',
} as const satisfies Partial<Record<DocumentKey, string>>;

export type ComparedDocument = keyof typeof COMPARED;

export const COMPARED_DOCUMENTS = Object.keys(COMPARED) as readonly ComparedDocument[];

const PROFILE = 'ocs-2007-r2/enterprise-pool';

export interface Comparison {
  readonly product: 'ocs-2007-r2';
  readonly role: 'load-balancer-front-end';
  readonly sources: readonly ComparedSource[];
  readonly ports: readonly ComparedPort[];
}

export interface ComparedSource {
  readonly key: ComparedDocument;
  readonly name: string;
  readonly title: string;
  /** Ascending. */
  readonly has: readonly number[];
  /** What others have, ascending. */
  readonly misses: readonly number[];
}

export interface ComparedPort {
  readonly port: number;
  readonly protocol: string;
  readonly purpose: string;
  readonly listedBy: Readonly<Record<ComparedDocument, boolean>>;
  /** What the profile of such pools makes of it. */
  readonly answer: 'required' | 'recommended' | 'optional' | 'left out';
  /** The profile's option that takes it off the VIP; null: none does. */
  readonly option: string | null;
  readonly correction: string | null;
}

export function comparePorts(): Comparison {
  const [product, role] = ['ocs-2007-r2', 'load-balancer-front-end'] as const;
  const rows = selectRows({ product, roles: [role] }).toSorted((a, b) => a.port - b.port);
  const ours = findProfile(PROFILE)?.ports ?? [];
  const ports = rows.map(({ port, protocol, purpose, sources, corrections }): ComparedPort => {
    const own = ours.find((p) => p.port === port);
    return {
      port,
      protocol,
      purpose,
      listedBy: listedBy(new Set(sources.map((source) => source.document))),
      answer: own?.need ?? 'left out',
      option: own?.option ?? null,
      correction: corrections.length === 0 ? null : corrections.map(correctionText).join('; '),
    };
  });
  const sources = COMPARED_DOCUMENTS.map((key) => {
    const numbers = (has: boolean) => ports.filter((p) => p.listedBy[key] === has).map((p) => p.port);
    return { key, name: COMPARED[key], title: titleOf(key), has: numbers(true), misses: numbers(false) };
  });
  return { product, role, sources, ports };
}

function listedBy(documents: ReadonlySet<DocumentKey>): Record<ComparedDocument, boolean> {
  const has = (key: ComparedDocument) => documents.has(key);
  return {
    requirements: has('requirements'),
    ocspedia: has('ocspedia'),
    weblog: has('weblog'),
    loadbalancerOrg: has('loadbalancerOrg'),
    webmux: has('webmux'),
    radware: has('radware'),
  };
}

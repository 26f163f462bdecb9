/** The web services of a pool: for clients within on 80 and 443, for those outside on 8080 and 4443. */
import type { ProfileNote, ProfileOption, ProfilePort } from '../profile.ts';
import type { Product } from './product.ts';

export function internalWeb({ ports, balancing }: Product): readonly ProfilePort[] {
  const persistence = {
    value: 'source-ip',
    rule: 'R55',
    source: `${balancing}: source address on internal ports 80 and 443`,
  } as const;
  return [
    {
      port: 80,
      protocol: 'http',
      purpose: 'Web services within: HTTP',
      need: 'required',
      source: ports,
      persistence,
    },
    {
      port: 443,
      protocol: 'https',
      purpose: 'Web services within: HTTPS',
      need: 'required',
      source: ports,
      persistence,
    },
  ];
}

/** As the reverse proxy dials them, without mapping. */
export function externalWeb({ ports, balancing }: Product): readonly ProfilePort[] {
  const persistence = noExternalPersistence(balancing);
  return [
    {
      port: 8080,
      protocol: 'http',
      purpose: 'Web services for those outside: HTTP, from the reverse proxy',
      need: 'required',
      source: ports,
      option: 'externalWeb',
      persistence,
    },
    {
      port: 4443,
      protocol: 'https',
      purpose: 'Web services for those outside: HTTPS, from the reverse proxy',
      need: 'required',
      source: ports,
      option: 'externalWeb',
      persistence,
    },
  ];
}

export function noExternalPersistence(balancing: string) {
  return {
    value: 'none',
    rule: 'R55',
    source: `${balancing}: no affinity for external web services`,
  } as const;
}

export function externalWebOption({ ports }: Product): ProfileOption {
  return {
    default: true,
    description:
      'Whether the reverse proxy comes to this VIP: 4443, 8080. `false`: it has a VIP of its own, see the profile `reverse-proxy`.',
    source: ports,
  };
}

export function webNotes({ balancing, publishing }: Product): readonly ProfileNote[] {
  return [
    {
      text: 'The reverse proxy forwards the host header on 4443, so that the pool sees the address that was asked for.',
      source: `${balancing}; ${publishing}`,
      rule: 'R57',
    },
    {
      text:
        'For mobile clients the maker wants each request within a TCP connection balanced. Poolgate balances connections, ' +
        'because what is in them is encrypted for the servers.',
      source: balancing,
      rule: 'R59',
    },
    {
      text:
        'Pools of Lync Server 2010 that remain need cookies for external web services; cookies take a reverse proxy that ' +
        'ends TLS, which Poolgate does not.',
      source: balancing,
      rule: 'R56',
    },
  ];
}

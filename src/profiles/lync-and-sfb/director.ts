/** Pools of Directors. */
import { titleOf } from '../../catalogue/documents.ts';
import type { Profile, ProfilePort } from '../profile.ts';
import { frontEndCheck, idle, idleLimit, internalNat, notQualified, type Product } from './product.ts';
import { externalWeb, externalWebOption, internalWeb, webNotes } from './web-ports.ts';

export function directorHlb(product: Product): Profile {
  const { name, title, ports: source } = product;
  const base = director(product);
  return {
    ...base,
    name: `${name}/director-hlb`,
    role: 'load-balancer-director',
    title: `${title}, pool of Directors, load balancer for all ports`,
    description:
      'Directors behind one VIP: they authenticate users who come by the Edge, and send every user to the home pool.',
    ports: [
      {
        port: 5061,
        protocol: 'sips',
        purpose: 'SIP over TLS, from clients and servers',
        need: 'required',
        source,
      },
      {
        port: 444,
        protocol: 'https',
        purpose: 'Between Directors and Front End Servers',
        need: 'required',
        source,
      },
      ...securePorts(product),
      ...plainPorts(product),
    ],
    options: {
      ...base.options,
      plainWeb: {
        default: false,
        description: 'HTTP to the web services, within and from the reverse proxy: 80, 8080.',
        source: `${source} (the table for load balancers has neither); ${titleOf('lync2013Director')} (has both)`,
      },
    },
    oneVip: { value: true, rule: 'R4', source },
  };
}

export function directorDns(product: Product): Profile {
  const { name, title } = product;
  return {
    ...director(product),
    name: `${name}/director-dns-lb`,
    role: 'load-balancer-director-dns-lb',
    title: `${title}, pool of Directors with DNS load balancing: the web services`,
    description: 'DNS balances SIP, and this VIP the web services alone, which DNS cannot balance.',
    ports: securePorts(product),
  };
}

function director(product: Product): Omit<Profile, 'title' | 'description' | 'ports'> {
  const { name, support } = product;
  const { checkOneOf, ...checked } = frontEndCheck(product);
  return {
    name,
    product: name,
    support,
    options: { externalWeb: externalWebOption(product) },
    ...checked,
    ...idle(product),
    ...internalNat(product),
    limits: { ...idleLimit(product), checkOneOf },
    notes: [...webNotes(product), notQualified(product)],
  };
}

function securePorts(product: Product): readonly ProfilePort[] {
  return [...internalWeb(product), ...externalWeb(product)].filter((port) => port.protocol === 'https');
}

/** On which the maker's own pages disagree: only when asked for. */
function plainPorts(product: Product): readonly ProfilePort[] {
  return [...internalWeb(product), ...externalWeb(product)]
    .filter((port) => port.protocol === 'http')
    .map((port) => ({ ...port, need: 'optional', option: 'plainWeb', source: titleOf('lync2013Director') }));
}

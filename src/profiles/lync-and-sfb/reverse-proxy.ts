/** The web services of a pool as those outside reach them: the usual ports of the VIP, the external ones of the servers. */
import type { Profile } from '../profile.ts';
import { frontEndCheck, idle, idleLimit, internalNat, notQualified, type Product } from './product.ts';
import { noExternalPersistence, webNotes } from './web-ports.ts';

export function reverseProxy(product: Product): Profile {
  const { name, title, support, balancing, publishing } = product;
  const { checkOneOf, ...checked } = frontEndCheck(product);
  const persistence = noExternalPersistence(balancing);
  const source = `${balancing}; ${publishing}`;
  return {
    name: `${name}/reverse-proxy`,
    title: `${title}, publishing of the web services`,
    description:
      'Where the reverse proxy, or clients outside, dial 443 and 80, and the Front End Servers listen on 4443 and 8080, by which they ' +
      'tell clients outside from those within. A VIP of its own beside that of the pool, with the same servers.',
    product: name,
    support,
    options: {
      plainHttp: { default: true, description: 'HTTP too: 80, to 8080 of the servers.', source },
    },
    ports: [
      {
        port: 443,
        serverPort: 4443,
        protocol: 'https',
        purpose: 'Web services for those outside: HTTPS',
        need: 'required',
        source,
        persistence,
      },
      {
        port: 80,
        serverPort: 8080,
        protocol: 'http',
        purpose: 'Web services for those outside: HTTP',
        need: 'optional',
        source,
        option: 'plainHttp',
        persistence,
      },
    ],
    ...checked,
    ...idle(product),
    ...internalNat(product),
    limits: { ...idleLimit(product), checkOneOf },
    notes: [
      {
        text: 'Mapping tells the pool who is outside: 443 goes to 4443 and 80 to 8080, never to 443 and 80 of the servers.',
        source,
        rule: 'R58',
      },
      ...webNotes(product),
      notQualified(product),
    ],
  };
}

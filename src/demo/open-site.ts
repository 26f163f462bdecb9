/** Brings up the stand-in servers on the first ports that nobody else has. */
import { createServer } from 'node:net';
import { PoolgateError } from '../lib/errors.ts';
import { createAuthority } from './certificate.ts';
import { FrontEnd } from './front-end.ts';
import { Listener } from './listener.ts';
import { ADMIN_HOST, DOMAIN, POOL_FQDN, PORT_CHOICES, type Ports, SERVERS, VIP } from './site.ts';

export interface Site {
  readonly ports: Ports;
  /** The authority that issued the servers' certificates, PEM. */
  readonly ca: string;
  readonly frontEnds: readonly FrontEnd[];
  close(): Promise<void>;
}

/** @throws PoolgateError ADDRESS_IN_USE, SYSTEM */
export async function openSite(choices: readonly Ports[] = PORT_CHOICES): Promise<Site> {
  const authority = createAuthority('Poolgate demo');
  const credentials = SERVERS.map(({ name }) => authority.issue([POOL_FQDN, `${name}.${DOMAIN}`]));
  const taken: string[] = [];
  for (const ports of choices) {
    const frontEnds: FrontEnd[] = [];
    const close = async () => void (await Promise.all(frontEnds.map((frontEnd) => frontEnd.close())));
    try {
      for (const [at, server] of SERVERS.entries()) {
        frontEnds.push(await FrontEnd.open({ ...server, ports, credentials: credentials[at]! }));
      }
      await checkFree(ports);
      return { ports, ca: authority.cert, frontEnds, close };
    } catch (error) {
      await close();
      const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
      if (code !== 'EADDRINUSE') throw systemError(error);
      taken.push(`${address}:${port}`);
    }
  }
  const tried = choices.map((ports) => ports.sip).join(', ');
  throw new PoolgateError(
    'ADDRESS_IN_USE',
    `Other programs have ports that the demo needs, wherever it looked (SIP on ${tried}): ${taken.join(', ')}.`,
  );
}

/** What the balancer is going to bind. The servers' own ports are taken by now, so another demo looks elsewhere. */
async function checkFree(ports: Ports): Promise<void> {
  const served = [ports.sip, ports.sipTls, ports.https, ports.control];
  const wanted = [...served.map((port) => [VIP, port] as const), [ADMIN_HOST, ports.admin] as const];
  for (const [host, port] of wanted) await (await Listener.open(createServer(), host, port)).close();
}

function systemError(cause: unknown): PoolgateError {
  return new PoolgateError('SYSTEM', `Cannot start the stand-in servers: ${(cause as Error).message}`, {
    cause,
  });
}

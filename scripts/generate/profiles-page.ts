/** The index of profiles, of their pages and of their examples. */
import { portsText } from '../../src/profiles/describe.ts';
import type { Profile } from '../../src/profiles/profile.ts';
import { PROFILES } from '../../src/profiles/profiles.ts';
import { code, generatedFrom, table } from './markdown.ts';

const INTRO = `# Profiles

A pool that names a profile gets from it what its kind of servers needs: ports, health checks, NAT mode, timeouts, persistence. What the
file says itself always wins; \`poolgate config show --effective\` says of each value where it came from. \`poolgate profiles\` lists
them, \`poolgate profiles show NAME\` shows one. Each page has every value with its source, and an [example](../../examples/profiles/README.md).

**NAT.** Where it is \`half\`, servers see the addresses of their clients. That takes two arms, with the balancer as the servers' default gateway,
and the kernel data plane; \`check\` says so where it is not given.

**Persistence on some ports.** A service that has ports with and without it, such as SIP and web on one VIP, is run as two: the one
with persistence has the name of the service and \`:source-ip\`. With limits of its own (\`maxConnections\`, \`limits\`) a service is run as
one, without persistence: write two services, one of them with \`ports: [80, 443]\`. A live change by which a service is run as one or as two
moves ports from one to the other, and resets what is open on them; \`poolgate plan\` says so first.`;

const EXAMPLES = `# Examples of profiles

For each profile the least that is right, made from the profiles themselves: take one, put in your addresses, and ask
\`poolgate check FILE\`. The same comes from \`poolgate profiles show NAME --example\`.`;

export function renderProfilesPage(): string {
  const rows = PROFILES.map((p) => [
    `[${code(p.name)}](profiles/${p.name}.md)`,
    p.title,
    portsText(p),
    p.nat?.value ?? 'full',
    supportText(p),
  ]);
  const index = table(['Profile', 'What', 'Ports, nothing switched', 'NAT', 'Support by its maker'], rows);
  return `${[generatedFrom('src/profiles'), INTRO, index].join('\n\n')}\n`;
}

export function renderExamplesPage(): string {
  const rows = PROFILES.map((p) => [
    `[${p.name}.yaml](${p.name}.yaml)`,
    `[${p.title}](../../docs/reference/profiles/${p.name}.md)`,
  ]);
  return `${[generatedFrom('src/profiles'), EXAMPLES, table(['Example', 'Profile'], rows)].join('\n\n')}\n`;
}

function supportText({ support }: Profile): string {
  if (!support) return '';
  return support.ended === null ? 'yes' : `ended ${support.ended}`;
}

/** Persistence against what is spoken on the ports. */
import type { Sourced, PersistenceWish, RuleId, Spoken } from '../../profiles/profile.ts';
import { suffix } from '../../model/ports.ts';
import type { Lint, Violation } from '../rule.ts';
import { meets, type PoolView, poolsOf, type ServiceView } from './views.ts';

const SIP: readonly Spoken[] = ['sip', 'sips'];
const OF_CONNECTIONS: readonly Spoken[] = [...SIP, 'rpc', 'mtls'];
/** As IANA has them, where no profile says what is spoken. */
const SIP_PORTS = [5060, 5061];

interface Wish extends Sourced<PersistenceWish> {
  readonly rule: RuleId;
  readonly port: string;
  /** Of a wish for none. */
  readonly why: string;
}

/** Persistence that is set though a port of the service wants none, or is off though all of them want it. */
export function wishes(rule: RuleId): Lint {
  return (subject) =>
    poolsOf(subject).flatMap((pool) =>
      pool.services.flatMap((service) => judge(pool, service).filter((told) => told.rule === rule)),
    );
}

function judge(pool: PoolView, view: ServiceView): (Violation & { rule: RuleId })[] {
  const { at, service, input } = view;
  const wanted = wishesOf(pool, view);
  // What the profile itself puts into effect is right for its ports.
  if (service.persistence) {
    const against = input.persistence ? wanted.find(({ value }) => value === 'none') : undefined;
    if (!against) return [];
    const message = `Persistence by source address on port ${against.port}: ${against.why}.`;
    const path = ['virtualServices', at, 'persistence'];
    const { rule, source } = against;
    return [{ rule, path, part: 'key', message, ...(source === '' ? {} : { source }) }];
  }
  const [first] = wanted;
  if (!first || !input.persistence || wanted.some(({ value }) => value === 'none')) return [];
  const message = `No persistence on port ${first.port}: a client's connections go to different servers.`;
  const hint = 'Write `persistence: { type: source-ip }`, or leave it out to have what the profile says.';
  const path = ['virtualServices', at, 'persistence', 'type'];
  return [{ rule: first.rule, path, message, hint, source: first.source }];
}

/** What is wanted on each port of the service that anything is known of. */
function wishesOf({ profile, ports }: PoolView, { service }: ServiceView): Wish[] {
  const own = ports
    .filter((port) => service.ports.some((range) => meets(range, port)))
    // What is told of several ports names one of SIP first: it is what people know.
    .toSorted((a, b) => Number(SIP.includes(b.protocol)) - Number(SIP.includes(a.protocol)))
    .flatMap(({ port, transport, protocol, persistence }): Wish[] => {
      const text = `${port}${suffix(transport ?? 'tcp')}`;
      if (persistence) return [{ ...persistence, port: text, why: 'the maker asks for none there' }];
      return OF_CONNECTIONS.includes(protocol) ? [noneForSip(text)] : [];
    });
  if (profile && profile.ports.length > 0) return own;
  const sip = SIP_PORTS.filter((port) => service.ports.some((range) => meets(range, { port })));
  return sip.map((port) => noneForSip(`${port}`));
}

function noneForSip(port: string): Wish {
  const why =
    'a connection there stays with its server for life anyway, and many clients behind one address would all get one server';
  return { rule: 'R6', value: 'none', port, why, source: '' };
}

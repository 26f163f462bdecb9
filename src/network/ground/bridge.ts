/**
 * The bridge of the transparent topology: it passes what a cable would. No spanning tree of its own, and that of others
 * passes; so does what is meant for the next device only (LLDP, 802.1X, LACP), except pause frames, which the kernel never
 * forwards. Groups of multicast are not looked into.
 */
import { PoolgateError } from '../../lib/errors.ts';
import { familyOf } from '../family.ts';
import { findInterface, type Interface } from '../interfaces.ts';
import type { RunIp } from '../iproute.ts';

export interface BridgePlan {
  readonly name: string;
  readonly ports: readonly [string, string];
  readonly gateway: string | null;
}

export interface MadeBridge {
  readonly name: string;
  readonly ports: readonly { readonly name: string; readonly wasUp: boolean }[];
}

/** Groups 01:80:c2:00:00:0X; the bridge itself may not be told of 0 to 2 (STP, pause, LACP), a port of all but pause. */
const BRIDGE_GROUPS = '65528';
const PORT_GROUPS = '65533';

/**
 * Refuses ports that somebody uses, and a bridge of this name that is not ours.
 * @param ours made by an earlier run
 * @throws PoolgateError INTERFACE_MISSING, INTERFACE_BUSY
 */
export function checkBridge(plan: BridgePlan, interfaces: readonly Interface[], ours: boolean): void {
  if (!ours && interfaces.some((one) => one.name === plan.name)) {
    const hint = `Remove it (\`ip link del ${plan.name}\`), or stop the Poolgate that made it.`;
    throw new PoolgateError('INTERFACE_BUSY', `There is an interface ${plan.name} already.`, { hint });
  }
  for (const name of plan.ports) {
    const port = findInterface(interfaces, name);
    if (port.master !== null && port.master !== plan.name) {
      const hint = `Take it out there (\`ip link set ${name} nomaster\`), or name another interface.`;
      throw new PoolgateError('INTERFACE_BUSY', `${name} is a part of ${port.master}.`, { hint });
    }
    const own = port.addresses.filter(({ address }) => !address.startsWith('fe80:'));
    if (own.length === 0) continue;
    const list = own.map(({ address, prefix }) => `${address}/${prefix}`).join(', ');
    const message = `${name} is to be a port of a bridge and has addresses: ${list}.`;
    const hint =
      `Take them out of the system's network configuration and remove them (\`ip address flush dev ${name}\`); ` +
      'the bridge gets `topology.serverAddress`.';
    throw new PoolgateError('INTERFACE_BUSY', message, { hint });
  }
}

/** What {@link raiseBridge} is going to change, to be recorded first. */
export function planned(plan: BridgePlan, interfaces: readonly Interface[]): MadeBridge {
  const ports = plan.ports.map((name) => ({ name, wasUp: findInterface(interfaces, name).switchedOn }));
  return { name: plan.name, ports };
}

/**
 * Makes the bridge, or sets right the one that an earlier run made.
 * @throws PoolgateError SYSTEM
 */
export async function raiseBridge(
  plan: BridgePlan,
  interfaces: readonly Interface[],
  run: RunIp,
): Promise<void> {
  const { name, ports, gateway } = plan;
  // Of its own, or it would change with its ports, and neighbours would lose it.
  const mac = findInterface(interfaces, ports[0]).mac;
  if (!interfaces.some((one) => one.name === name)) {
    await must(run, ['link', 'add', name, ...(mac === null ? [] : ['address', mac]), 'type', 'bridge']);
  }
  const cable = [
    'stp_state',
    '0',
    'forward_delay',
    '0',
    'mcast_snooping',
    '0',
    'group_fwd_mask',
    BRIDGE_GROUPS,
  ];
  await must(run, ['link', 'set', 'dev', name, 'type', 'bridge', ...cable]);
  for (const port of ports) {
    await must(run, ['link', 'set', 'dev', port, 'master', name]);
    await must(run, ['link', 'set', 'dev', port, 'type', 'bridge_slave', 'group_fwd_mask', PORT_GROUPS]);
    await must(run, ['link', 'set', 'dev', port, 'up']);
  }
  await must(run, ['link', 'set', 'dev', name, 'up']);
  if (gateway === null) return;
  // "onlink", because our address is added later.
  const route = ['default', 'via', gateway, 'dev', name, 'onlink'];
  const { ok, stderr } = await run([`-${familyOf(gateway)}`, 'route', 'add', ...route]);
  if (ok) return;
  const { stdout } = await run([`-${familyOf(gateway)}`, 'route', 'show', 'default', 'dev', name]);
  if (stdout.includes(`via ${gateway} `)) return;
  const hint = 'Remove the other default route (`ip route show default`), or leave out `topology.gateway`.';
  throw new PoolgateError('SYSTEM', `The default route by ${gateway} cannot be added: ${stderr.trim()}`, {
    hint,
  });
}

/** Takes the bridge away, with its addresses and routes. @throws PoolgateError SYSTEM */
export async function removeBridge({ name, ports }: MadeBridge, run: RunIp): Promise<void> {
  const { ok, stderr } = await run(['link', 'del', name, 'type', 'bridge']);
  if (!ok && !/Cannot find device/.test(stderr)) throw failed(['link', 'del', name], stderr);
  // A port may be gone with what it was on.
  for (const port of ports) if (!port.wasUp) await run(['link', 'set', 'dev', port.name, 'down']);
}

async function must(run: RunIp, args: readonly string[]): Promise<void> {
  const { ok, stderr } = await run(args);
  if (!ok) throw failed(args, stderr);
}

function failed(args: readonly string[], stderr: string): PoolgateError {
  const words = stderr.trim().split('\n', 1)[0]?.slice(0, 200) || 'it failed and said nothing';
  return new PoolgateError('SYSTEM', `\`ip ${args.join(' ')}\`: ${words}`);
}

/** The sentences about addresses. */
import { PoolgateError } from '../lib/errors.ts';
import type { EventDraft } from '../state/events.ts';

export function added(address: string, on: string, announced: boolean, actor: string): EventDraft {
  const then = announced ? ' and announced' : '; it cannot be announced there';
  return event('address-added', 'notice', `Address ${address} added to ${on}${then}.`, actor);
}

export function adopted(address: string, on: string, actor: string): EventDraft {
  const message = `Address ${address} is on ${on} from earlier; taken over and announced.`;
  return event('address-added', 'notice', message, actor);
}

export function restored(address: string, on: string): EventDraft {
  const message = `Address ${address} had been removed from ${on} by somebody else; added again and announced.`;
  return event('address-added', 'warning', message, 'network');
}

/** Their interface was down or not connected meanwhile. */
export function reachable(addresses: readonly string[], on: string): EventDraft {
  const message = `${on} is back: ${addresses.join(', ')} announced again.`;
  return event('address-announced', 'notice', message, 'network');
}

export function unreachable(addresses: readonly string[], on: string): string {
  return `${on} is down or not connected: nobody reaches ${addresses.join(', ')}.`;
}

export function removed(address: string, from: string, actor: string): EventDraft {
  return event('address-removed', 'notice', `Address ${address} removed from ${from}.`, actor);
}

export function duplicate(address: string, mac: string, on: string, actor: string): EventDraft {
  const message = `Address ${address} is in use by another machine on ${on}: ${mac} has it.`;
  return event('address-duplicate', 'error', message, actor);
}

export function conflict(address: string, mac: string, on: string): EventDraft {
  const message = `Address ${address} is here and at another machine too: ${mac} answers for it on ${on}. Clients reach one or the other.`;
  return event('address-duplicate', 'error', message, 'network');
}

export function conflictOver(address: string, on: string): EventDraft {
  const message = `Nobody else answers for address ${address} on ${on} any more.`;
  return event('address-announced', 'notice', message, 'network');
}

export function outside(addresses: readonly string[], on: string, actor: string): EventDraft {
  const message = `${addresses.join(', ')}: in no network of ${on}, so only routers that are told to will send for it.`;
  return event('address-trouble', 'warning', message, actor);
}

export function unchecked(addresses: readonly string[], on: string, actor: string): EventDraft {
  const message = `${on} is down or not connected: whether another machine has ${addresses.join(', ')} could not be checked.`;
  return event('address-trouble', 'warning', message, actor);
}

export function trouble(message: string, actor: string): EventDraft {
  return event('address-trouble', 'warning', message, actor);
}

/** @param owners address to MAC */
export function duplicateError(owners: ReadonlyMap<string, string>, on: string): PoolgateError {
  const list = [...owners].map(([address, mac]) => `${address} (${mac})`).join(', ');
  const is = owners.size === 1 ? 'is' : 'are';
  return new PoolgateError('ADDRESS_DUPLICATE', `${list} ${is} in use by another machine on ${on}.`);
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function event(
  kind: EventDraft['kind'],
  severity: EventDraft['severity'],
  message: string,
  actor: string,
): EventDraft {
  return { kind, severity, message, actor };
}

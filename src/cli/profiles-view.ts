/** Profiles as programs read them. */
import { checkText, portText, settingsOf } from '../profiles/describe.ts';
import { checksOf, portsOf, type Profile, type ProfilePort, transportOf } from '../profiles/profile.ts';

export function summaryView(profile: Profile) {
  const { name, title, product, partial, nat, support } = profile;
  return {
    name,
    title,
    product,
    partial: partial !== undefined,
    supportEnded: support?.ended ?? null,
    ports: portsOf(profile, {}).map(portText),
    checks: (checksOf(profile, {}) ?? []).map(checkText),
    nat: nat?.value ?? 'full',
  };
}

/** Every key is there, so that a program need not ask which. */
export function profileView(profile: Profile) {
  const { name, title, description, product, role, partial, support, edge, limits, notes } = profile;
  const { nat, refusedNat, scheduler, idleTimeout, checkInterval, verdict } = profile;
  return {
    name,
    title,
    description,
    product,
    role: role ?? null,
    partial: partial ?? null,
    support: support ?? null,
    edge: edge ?? null,
    options: Object.entries(profile.options).map(([option, rest]) => ({ name: option, ...rest })),
    ports: profile.ports.map(portView),
    checks: (profile.checks ?? []).map((check) => ({
      ...check,
      path: check.path ?? null,
      option: check.option ?? null,
    })),
    checkInterval: checkInterval ?? null,
    nat: nat ?? null,
    refusedNat: refusedNat ?? {},
    scheduler: scheduler ?? null,
    timeouts: { idle: idleTimeout ?? null },
    verdict: verdict ?? null,
    neverBalanced: (profile.neverBalanced ?? []).map((direct) => ({
      ...direct,
      portEnd: direct.portEnd ?? direct.port,
      transport: transportOf(direct),
    })),
    publicServers: profile.publicServers ?? null,
    oneVip: profile.oneVip ?? null,
    nagleOff: profile.nagleOff ?? null,
    limits: limits ?? null,
    settings: settingsOf(profile),
    notes: notes.map((note) => ({ ...note, rule: note.rule ?? null })),
  };
}

function portView(entry: ProfilePort) {
  const { port, portEnd = port, serverPort = port, protocol, purpose, need, source } = entry;
  return {
    port,
    portEnd,
    serverPort,
    transport: transportOf(entry),
    protocol,
    purpose,
    need,
    option: entry.option ?? null,
    persistence: entry.persistence ?? null,
    source,
  };
}

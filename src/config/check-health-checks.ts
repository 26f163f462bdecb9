/** Health checks one by one: keys that fit their type, and a name and a file for what is verified. */
import { isIP } from 'node:net';
import { certificatesOf } from '../health/trusted.ts';
import type { HealthCheckInput } from '../model/health-check.ts';
import type { PoolInput } from '../model/pool.ts';
import { type PathProblem, problem } from './issues.ts';
import { overTls } from './resolve-check.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';

type Key = keyof HealthCheckInput;
type Check = Salvaged<HealthCheckInput>;
type At = readonly ['pools', number, 'healthChecks', number];

const PACE = ['type', 'port', 'interval', 'timeout', 'rise', 'fall'] as const satisfies readonly Key[];
const TLS = ['serverName', 'verify', 'caFile', 'minDaysLeft'] as const satisfies readonly Key[];
const HTTP = ['path', 'host', 'expectStatus', 'expectBody'] as const satisfies readonly Key[];

/** The keys that a check of each type uses. */
const USES = {
  tcp: PACE,
  tls: [...PACE, ...TLS],
  http: [...PACE, ...HTTP],
  https: [...PACE, ...TLS, ...HTTP],
  sip: [...PACE, ...TLS, 'transport', 'expectStatus'],
  stun: PACE,
} as const satisfies Record<HealthCheckInput['type'], readonly Key[]>;

/** Reads the files named by `caFile`, because one that is missing would leave every server without a verdict. */
export function checkHealthChecks(config: SalvagedConfig): PathProblem[] {
  return (config.pools ?? []).flatMap((pool, i) =>
    (pool?.healthChecks ?? []).flatMap((check, n) => {
      if (!pool || check?.type === undefined) return [];
      const at = ['pools', i, 'healthChecks', n] as const;
      const unused = unusedKeys(at, check, check.type);
      return unused.length > 0 ? unused : [...statusCodes(at, check), ...tls(at, check, pool)];
    }),
  );
}

function unusedKeys(at: At, check: Check, type: HealthCheckInput['type']): PathProblem[] {
  const uses: readonly string[] = USES[type];
  const keys = (Object.keys(check) as Key[]).filter((key) => check[key] !== undefined && !uses.includes(key));
  return keys.map((key) => {
    const users = Object.entries(USES).filter(([, used]) => (used as readonly string[]).includes(key));
    const message = `A check of type ${type} does not use \`${key}\`.`;
    const hint = `Leave it out, or write a \`type\` that uses it: ${users.map(([name]) => name).join(', ')}.`;
    return problem('CONFIG_UNUSED_CHECK_KEY', [...at, key], 'key', message, hint);
  });
}

function statusCodes(at: At, { type, expectStatus }: Check): PathProblem[] {
  const [least, most] = type === 'sip' ? [200, 699] : [100, 599];
  return (expectStatus ?? []).flatMap((code, n) => {
    if (code === undefined || (code >= least && code <= most)) return [];
    const message = `No final answer to a check of type ${type} has the status code ${code}.`;
    const hint = `Write codes from ${least} to ${most}.`;
    return [problem('CONFIG_INVALID', [...at, 'expectStatus', n], 'value', message, hint)];
  });
}

function tls(at: At, check: Check, pool: Salvaged<PoolInput>): PathProblem[] {
  const { type, port, transport, serverName, verify, caFile } = check;
  if (type === undefined || port === undefined) return [];
  const given = TLS.filter((key) => check[key] !== undefined);
  if (!overTls({ type, port, transport })) {
    const hint = 'Write `transport: tls`, or leave it out.';
    return (
      given
        // The name is also that of the URI which is asked.
        .filter((key) => key !== 'serverName')
        .map((key) =>
          problem(
            'CONFIG_UNUSED_CHECK_KEY',
            [...at, key],
            'key',
            `SIP over TCP does not use \`${key}\`.`,
            hint,
          ),
        )
    );
  }
  const name = serverName ?? pool.fqdn;
  return [
    ...(serverName !== undefined && isIP(serverName) !== 0 ? [addressAsName(at)] : []),
    ...(verify === true && name === undefined ? [nameless(at)] : []),
    ...(caFile !== undefined && verify !== true ? [unverified(at)] : []),
    ...(caFile !== undefined && verify === true ? unusableFile(at, caFile) : []),
  ];
}

function addressAsName(at: At): PathProblem {
  const message = '`serverName` must be a DNS name: TLS asks for no address by SNI (RFC 6066).';
  const hint = "Write the name in the servers' certificates, such as ocspool.contoso.com, or leave it out.";
  return problem('CONFIG_INVALID', [...at, 'serverName'], 'value', message, hint);
}

function nameless(at: At): PathProblem {
  const message = 'The certificate is to be verified, but nothing says which name it must have.';
  const hint =
    'Write `serverName: ` and the name that every server has in its certificate, or `fqdn` of the pool.';
  return problem('CONFIG_CHECK_NAME', [...at, 'verify'], 'value', message, hint);
}

function unverified(at: At): PathProblem {
  const message = '`caFile` is used only with `verify: true`.';
  return problem(
    'CONFIG_UNUSED_CHECK_KEY',
    [...at, 'caFile'],
    'key',
    message,
    'Add that, or leave this out.',
  );
}

function unusableFile(at: At, file: string): PathProblem[] {
  try {
    certificatesOf(file);
    return [];
  } catch (error) {
    const hint =
      'Name a file of at most 1 MiB that the daemon may read, with `-----BEGIN CERTIFICATE-----` in it.';
    return [problem('CONFIG_CA_FILE', [...at, 'caFile'], 'value', `${(error as Error).message}.`, hint)];
  }
}

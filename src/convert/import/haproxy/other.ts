/** `global` and the sections that are not of proxies. */
import type { Report } from '../report.ts';
import { labelOf, type Section } from './sections.ts';

const PROCESS = 'Setting of the process of HAProxy.';

/** The directives of `global`: none has an equivalent, and these few deserve a word. */
export const GLOBALS: Readonly<Record<string, string>> = {
  maxconn:
    'A limit of the whole process has no equivalent; `run` refuses what this machine cannot hold, with the arithmetic.',
  'ulimit-n': 'Descriptors: `run` refuses what this machine cannot hold, with the arithmetic.',
  stats: 'See `poolgate status`, `top` and the admin API.',
  nbproc: 'Poolgate runs a worker for each processor; connections are counted over all of them.',
  nbthread: 'Poolgate runs a worker for each processor; connections are counted over all of them.',
  log: 'Poolgate logs JSON lines to stderr.',
  setenv: 'Variable for this file; used here too.',
  presetenv: 'Variable for this file; used here too.',
  unsetenv: 'Variable for this file; used here too.',
  resetenv: 'Variables of the environment; here those that are asked for are used.',
  'spread-checks': 'Probes are spread over the interval anyway.',
  ...plain([
    'daemon',
    'user',
    'group',
    'uid',
    'gid',
    'chroot',
    'pidfile',
    'master-worker',
    'mworker-max-reloads',
    'node',
    'description',
    'ca-base',
    'crt-base',
    'key-base',
    'cpu-map',
    'cpu-policy',
    'cpu-set',
    'hard-stop-after',
    'grace',
    'localpeer',
    'log-send-hostname',
    'log-tag',
    'nosplice',
    'nopoll',
    'noepoll',
    'nokqueue',
    'noevports',
    'nogetaddrinfo',
    'noreuseport',
    'nosplice',
    'quiet',
    'debug',
    'zero-warning',
    'strict-limits',
    'insecure-fork-wanted',
    'insecure-setuid-wanted',
    'external-check',
    'lua-load',
    'lua-load-per-thread',
    'lua-prepend-path',
    'profiling.tasks',
    'profiling.memory',
    'server-state-base',
    'server-state-file',
    'set-dumpable',
    'setcap',
    'unix-bind',
    'wurfl-data-file',
    'busy-polling',
    'max-spread-checks',
    'maxconnrate',
    'maxcomprate',
    'maxcompcpuusage',
    'maxpipes',
    'maxsessrate',
    'maxsslconn',
    'maxsslrate',
    'spread-checks',
    'close-spread-time',
    'default-path',
    'expose-experimental-directives',
    'expose-deprecated-directives',
    'deviceatlas-json-file',
    '51degrees-data-file',
    'issuers-chain-path',
    'limited-quic',
    'no-quic',
    'no',
    'numa-cpu-mapping',
    'pp2-never-send-local',
    'presetenv',
    'set-var',
    'set-var-fmt',
    'shm-stats-file',
    'thread-group',
    'thread-groups',
    'thread-hard-limit',
    'harden.reject-privileged-ports.tcp',
    'h1-case-adjust',
    'h1-case-adjust-file',
    'h2-workaround-bogus-websocket-clients',
    'fd-hard-limit',
    'force-cfg-parser-pause',
    'warn-blocked-traffic-after',
    'http-err-codes',
    'http-fail-codes',
    'anonkey',
    'stats-file',
    'dns-accept-family',
    'httpclient.resolvers.id',
    'httpclient.ssl.verify',
    'httpclient.ssl.ca-file',
    'ocsp-update.mode',
    'prealloc-fd',
    'cluster-secret',
    'ulimit-c',
  ]),
};

function plain(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, PROCESS]));
}

/** Families of directives that grow with every version. */
const FAMILIES =
  /^(?:tune|ssl|ssl-|profiling|51degrees|wurfl|deviceatlas|harden|httpclient|ocsp-update|stress|trace)[.-]?/;

export function readGlobal(section: Section, report: Report): void {
  const words = Object.keys(GLOBALS);
  for (const { line, words: given } of section.directives) {
    const [word = ''] = given;
    const place = { line, section: 'global', text: given.join(' ') };
    const known = Object.hasOwn(GLOBALS, word) ? GLOBALS[word] : FAMILIES.test(word) ? PROCESS : undefined;
    if (known !== undefined) {
      report.add('unneeded', place, known);
      continue;
    }
    report.add('remark', place, `HAProxy knows no \`${word.slice(0, 40)}\` in \`global\`.`, {
      hint: report.meant(word, words),
    });
  }
}

/** What the sections of other kinds are for. */
export const OTHER_SECTIONS: Readonly<Record<string, string>> = {
  peers: 'Tables are not shared with another machine.',
  resolvers: 'Names are not looked up.',
  mailers: 'Mail about servers has no equivalent; see the metrics and `poolgate events`.',
  userlist: 'Passwords of HTTP.',
  program: 'Programs beside the balancer are the business of the service manager.',
  'http-errors': 'Pages of HTTP.',
  cache: 'Of HTTP only.',
  ring: 'Poolgate logs JSON lines to stderr.',
  'fcgi-app': 'Of HTTP only.',
  'log-forward': 'Forwarding of logs has no equivalent.',
  'log-profile': 'Poolgate logs JSON lines to stderr.',
  'crt-store': 'TLS passes through to the servers.',
  traces: 'For developers of HAProxy.',
  acme: 'TLS passes through to the servers.',
  ruleset: 'Rules of other programs.',
};

export function readOther(section: Section, report: Report): void {
  const label = labelOf(section);
  const last = section.directives.at(-1)?.line ?? section.line;
  const lines = last > section.line ? ` All of it, to line ${last}.` : '';
  const words = OTHER_SECTIONS[section.word] ?? '';
  report.add('unneeded', { line: section.line, section: label, text: label }, `${words}${lines}`);
}

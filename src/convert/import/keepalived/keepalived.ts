/** A file of keepalived to sections in our terms. */
import type { Draft } from '../draft.ts';
import type { Importer } from '../importer.ts';
import { linesLeftOut, type Place, type Report } from '../report.ts';
import { lastLineOf, readBlocks, type Statement } from './blocks.ts';
import { readVirtualServer } from './read.ts';
import { toSection } from './translate.ts';
import { interfaceOf, readVrrp } from './vrrp.ts';
import { readTimeouts } from './globals.ts';

/** What stands at the margin besides virtual servers, and what becomes of it. */
export const BLOCKS: Readonly<Record<string, string>> = {
  vrrp_script: 'Programs that judge a machine have no equivalent.',
  vrrp_track_process: 'Programs that judge a machine have no equivalent.',
  vrrp_track_file: 'Files that judge a machine have no equivalent.',
  track_file: 'Files that judge a machine have no equivalent.',
  vrrp_sync_group: 'Failover to another machine has no equivalent.',
  garp_group: 'VIPs are announced when they are added.',
  bfd_instance: 'BFD has no equivalent.',
  static_ipaddress: 'Addresses of the machine itself are the business of its system.',
  static_routes: 'Routes of the machine are the business of its system.',
  static_rules: 'Routes of the machine are the business of its system.',
  linkbeat_use_polling: 'Of failover.',
  linkbeat_interfaces: 'Of failover.',
  interface_up_down_delays: 'Of failover.',
  net_namespace: 'Run Poolgate in that namespace.',
  instance: 'The name of an instance of keepalived.',
  use_pid_dir: 'Setting of the process of keepalived.',
  child_wait_time: 'Setting of the process of keepalived.',
};

const KNOWN = [
  'virtual_server',
  'virtual_server_group',
  'vrrp_instance',
  'global_defs',
  'include',
  'SSL',
  ...Object.keys(BLOCKS),
];
const MOST_VIRTUAL_SERVERS = 2000;

export const importKeepalived: Importer = (text, options, report): Draft => {
  const statements = readBlocks(text, report);
  const groups = new Map(
    statements.filter((s) => s.words[0] === 'virtual_server_group').map((s) => [s.words[1] ?? '', s]),
  );
  const timeouts = readTimeouts(statements, report);
  const servers = statements.filter((s) => s.words[0] === 'virtual_server');
  for (const statement of statements) readOther(statement, report);
  const vrrp = readVrrp(statements, report);
  const read = servers
    .slice(0, MOST_VIRTUAL_SERVERS)
    .flatMap((s) => readVirtualServer(s, groups, options, report) ?? []);
  if (servers.length > MOST_VIRTUAL_SERVERS)
    report.add('missing', wholeFile, `Only the first ${MOST_VIRTUAL_SERVERS} virtual servers are read.`);
  const sections = read.flatMap((vs) => (vs.unusable ? [] : [toSection(vs, timeouts, options, report)]));
  return { sections, redispatch: null, interface: interfaceOf(vrrp, sections, report) };
};

const wholeFile: Place = { line: 0, section: '', text: '' };

function readOther(statement: Statement, report: Report): void {
  const { line, words } = statement;
  const [word = ''] = words;
  const place = { line, section: word, text: words.join(' ') };
  if (['virtual_server', 'virtual_server_group', 'vrrp_instance', 'global_defs'].includes(word)) return;
  if (word.startsWith('@')) {
    report.add('missing', place, 'Lines for one machine or configuration only (`@NAME`) are not read.', {
      hint: 'Remove those that are not of this machine, and the `@NAME` of the others, and import again.',
    });
    return;
  }
  if (word.startsWith('include')) {
    report.add('missing', place, 'Other files are not read.', {
      hint: 'Put them into this one and import again.',
    });
    return;
  }
  if (word === 'SSL') {
    report.add(
      'changed',
      place,
      "Health checks show no certificate of their own; `caFile` and `verify` judge the servers'.",
    );
    return;
  }
  const known = Object.hasOwn(BLOCKS, word) ? BLOCKS[word] : undefined;
  if (known !== undefined) {
    const last = lastLineOf(statement);
    report.add('unneeded', place, last > line ? `${known} All of it, to line ${last}.` : known);
    return;
  }
  report.add(
    'missing',
    place,
    `keepalived knows no \`${word.slice(0, 40)}\` here. ${linesLeftOut(line, lastLineOf(statement))}`,
    {
      hint: report.meant(word, KNOWN),
    },
  );
}

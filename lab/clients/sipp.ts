/** SIPp as a SIP client over TCP. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../net/host.ts';

export interface SippArgument {
  readonly method: 'OPTIONS' | 'REGISTER';
  readonly host: string;
  readonly port: number;
  readonly calls: number;
  /** `one`: all calls over one connection; `each`: a connection a call. */
  readonly connection: 'one' | 'each';
  /** Where its files go. */
  readonly directory: string;
}

export interface SippResult {
  /** 0 when every call got the answer that it wanted. */
  readonly code: number | null;
  /** How often each server answered, by its Server header. */
  readonly answers: Record<string, number>;
  readonly output: string;
}

function scenario(method: SippArgument['method']): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="${method}">
  <send retrans="500"><![CDATA[
${method} sip:ocspool.contoso.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: <sip:user[call_number]@contoso.com>;tag=[call_number]
To: <sip:user[call_number]@contoso.com>
Call-ID: [call_id]
CSeq: 1 ${method}
Contact: <sip:user[call_number]@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Expires: 600
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
`;
}

export async function sipp(host: Host, argument: SippArgument): Promise<SippResult> {
  const folder = await mkdtemp(join(argument.directory, 'sipp-'));
  await writeFile(join(folder, 'scenario.xml'), scenario(argument.method));
  const messages = join(folder, 'messages');
  const where = argument.host.includes(':') ? `[${argument.host}]` : argument.host;
  const what = [
    '-sf',
    'scenario.xml',
    '-t',
    argument.connection === 'one' ? 't1' : 'tn',
    '-max_socket',
    '500',
  ];
  const pace = ['-m', String(argument.calls), '-r', '200', '-l', '100', '-timeout', '15s', '-timeout_error'];
  const output = ['-nostdin', '-trace_msg', '-message_file', messages];
  const args = [...what, ...pace, ...output, `${where}:${argument.port}`];
  const done = await host.run('sipp', args, { cwd: folder, env: { TERM: 'dumb' } });
  const answers: Record<string, number> = {};
  const text = await readFile(messages, 'latin1').catch(() => '');
  for (const [, server = ''] of text.matchAll(/^Server: (\w+)/gm))
    answers[server] = (answers[server] ?? 0) + 1;
  return { code: done.code, answers, output: `${done.stdout}\n${done.stderr}` };
}

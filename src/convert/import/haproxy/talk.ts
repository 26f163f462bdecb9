/** `tcp-check send` and `expect`: requests of HTTP and SIP that are written by hand, as health checks that make them. */
import { type Context, type Step, tell } from './proxy.ts';

export const NO_TALK =
  'What a server answers is looked at for `http`, `https`, `sip` and `stun` only; of other protocols the connect is the check.';

export function isName(text: string): boolean {
  return /^[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?$/.test(text);
}

/** Of the Host header, with the ends of lines as they are, or written out. */
export function hostOf(request: string): string | undefined {
  return /\r?\nHost:\s*([A-Za-z0-9][\w.-]{0,252})/i.exec(request.replaceAll('\\r\\n', '\n'))?.[1];
}

export function readTalk(step: Step, args: readonly string[], context: Context): void {
  const request = args.join(' ');
  const [, path] = /^GET (\/[\x21-\x7e]{0,1023}) HTTP\/1\.[01](?:\r|\\r|\n|$)/.exec(request) ?? [];
  const [, uri] = /^OPTIONS sips?:([^\s;>]{1,253})[\s;]/.exec(request) ?? [];
  if (path !== undefined) {
    step.talk = {
      protocol: 'http',
      path,
      host: hostOf(request),
      expectStatus: undefined,
      expectBody: undefined,
    };
    return tell(
      context,
      'translated',
      `A health check of type \`${step.tls ? 'https' : 'http'}\`, which sends such a request.`,
    );
  }
  if (uri !== undefined) {
    const host = uri.replace(/^[^@]*@/, '').replace(/:\d+$/, '');
    step.talk = {
      protocol: 'sip',
      path: '/',
      host: isName(host) && /[A-Za-z]/.test(host) ? host : undefined,
      expectStatus: undefined,
      expectBody: undefined,
    };
    return tell(context, 'translated', 'A health check of type `sip`, which sends OPTIONS.');
  }
  return tell(context, 'changed', NO_TALK);
}

export function readAnswer({ talk }: Step, given: readonly string[], context: Context): void {
  if (!talk) return tell(context, 'changed', NO_TALK);
  const at = given.findIndex((word) => /^!?r?(?:string|binary)(?:-lf)?$/.test(word));
  const [how = '', text = ''] = given.slice(at);
  const codes = [...text.matchAll(/(?<![\d-])[1-6]\d\d(?![\d-])/g)].map(([code]) => Number(code));
  // A text of the body may have such a number in it; a status line begins with its protocol.
  const status = /^(?:(?:HTTP|SIP)\b|\s*[1-6]\d\d\b)/.test(text);
  if (how === 'string' && !status && talk.protocol === 'http' && isText(text)) {
    talk.expectBody = text;
    return tell(context, 'translated', '`expectBody` of the health check.');
  }
  if (/^r?string$/.test(how) && codes.length > 0 && codes.length <= 32) {
    talk.expectStatus = codes;
    return tell(context, 'translated', `\`expectStatus: [${codes.join(', ')}]\` of the health check.`);
  }
  if (/^r?string$/.test(how) && /^\W*(?:SIP|HTTP)\b/.test(text.replace(/^.*\\n\)?/s, '')))
    return tell(context, 'translated', 'The answers that are good anyway.');
  return tell(
    context,
    'changed',
    'Answers are judged by their status code, and of HTTP by a text in the body.',
  );
}

function isText(text: string): boolean {
  return text.length >= 1 && text.length <= 1024 && /^\P{Cc}*$/u.test(text);
}

/** `200,204`, `200-299`; empty for what is good by default; null when a list would be too long. */
export function statusCodes(text: string): number[] | null {
  const codes = new Set<number>();
  for (const part of text.split(',').slice(0, 64)) {
    const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim()) ?? [];
    const [first, last] = [Number(from ?? 0), Number(to ?? from ?? 0)];
    if (first < 100 || last > 599 || last < first) return null;
    for (let code = first; code <= last; code++) codes.add(code);
  }
  const whole = codes.size === 200 && codes.has(200) && codes.has(399);
  if (whole) return [];
  return codes.size <= 32 ? [...codes] : null;
}

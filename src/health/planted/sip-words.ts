/** Answers to a SIP request as a planted server writes them. */

export function headerOf(request: string, name: string): string {
  return new RegExp(`^${name}: (.*)\r$`, 'm').exec(request)?.[1] ?? '';
}

interface Answer {
  readonly via?: string;
  readonly callId?: string;
  readonly cseq?: string;
  readonly more?: readonly string[];
  readonly length?: string;
  readonly body?: string;
}

export function answerTo(request: string, status: string, answer: Answer = {}): string {
  const copy = (name: string): string => headerOf(request, name);
  return [
    `SIP/2.0 ${status}`,
    `Via: ${answer.via ?? copy('Via')}`,
    `From: ${copy('From')}`,
    `To: ${copy('To')};tag=37GkEhwl6`,
    `Call-ID: ${answer.callId ?? copy('Call-ID')}`,
    `CSeq: ${answer.cseq ?? copy('CSeq')}`,
    ...(answer.more ?? []),
    `Content-Length: ${answer.length ?? (answer.body ?? '').length}`,
    '',
    answer.body ?? '',
  ].join('\r\n');
}

/** As much of SIP (RFC 3261) as a stand-in server and a sample client say to each other over a stream. */

export interface SipMessage {
  readonly startLine: string;
  /** By lower-case name; of a header that comes twice the first. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Bytes that may wait for the end of a message; a peer that sends more sends no SIP. */
const LONGEST = 64 * 1024;

/** Cuts a stream into messages, whatever pieces it arrives in. */
export class SipReader {
  #rest = Buffer.alloc(0);

  /** The messages that this piece completes. @throws Error when what arrives cannot be SIP */
  take(piece: Uint8Array): SipMessage[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const messages: SipMessage[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) messages.push(next);
    if (this.#rest.length > LONGEST) throw new Error(`no SIP message ends within ${LONGEST} bytes`);
    return messages;
  }

  #next(): SipMessage | null {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const message = parseHead(this.#rest.toString('utf8', 0, end));
    const total = end + 4 + bodyLength(message);
    if (this.#rest.length < total) return null;
    this.#rest = this.#rest.subarray(total);
    return message;
  }
}

function parseHead(text: string): SipMessage {
  // Section 7.5: empty lines before the start line are keep-alives.
  const [startLine = '', ...lines] = text.replace(/^(\r\n)+/, '').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { startLine, headers };
}

function bodyLength(message: SipMessage): number {
  const text = message.headers.get('content-length') ?? '0';
  if (!/^\d{1,5}$/.test(text)) throw new Error(`not a content length: ${text}`);
  return Number(text);
}

export function sipText(startLine: string, headers: readonly (readonly [string, string])[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [startLine, ...lines, 'Content-Length: 0', '', ''].join('\r\n');
}

export interface Asking {
  readonly method: 'OPTIONS' | 'REGISTER';
  /** The user part of the asker's address, e.g. `user07`. */
  readonly user: string;
  readonly domain: string;
  readonly transport: 'TCP' | 'TLS';
  /** `ADDRESS:PORT` that the request comes from. */
  readonly from: string;
  /** Distinguishes this request from all others of the asker. */
  readonly id: string;
}

/** A request by section 8.1.1. */
export function request(asking: Asking): string {
  const { method, user, domain, transport, from, id } = asking;
  const address = `<sip:${user}@${domain}>`;
  return sipText(`${method} sip:${domain} SIP/2.0`, [
    ['Via', `SIP/2.0/${transport} ${from};branch=z9hG4bK${id}`],
    ['Max-Forwards', '70'],
    ['From', `${address};tag=${id}`],
    ['To', method === 'REGISTER' ? address : `<sip:${domain}>`],
    ['Call-ID', `${id}@${from}`],
    ['CSeq', `1 ${method}`],
    ['Contact', `<sip:${user}@${from};transport=${transport.toLowerCase()}>`],
  ]);
}

/** A 200 to it by section 8.2.6; `extra` says who answers. */
export function okTo(asked: SipMessage, tag: string, extra: readonly (readonly [string, string])[]): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => {
    const value = asked.headers.get(name.toLowerCase()) ?? '';
    return [name, name === 'To' && !/;\s*tag=/.test(value) ? `${value};tag=${tag}` : value] as const;
  });
  return sipText('SIP/2.0 200 OK', [...copied, ...extra]);
}

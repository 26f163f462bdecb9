/** Server-sent events as the HTML standard has them, as far as the daemon uses them. */
export interface SseMessage {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** A daemon never sends a line this long; something else might. Characters. */
const LONGEST_LINE = 1024 * 1024;

/** Yields null for a comment, which is a sign of life. @throws Error when a line has no end */
export async function* readSse(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseMessage | null> {
  let id: string | null = null;
  let event = 'message';
  let data: string[] = [];
  for await (const line of lines(body)) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (line.startsWith(':')) yield null;
    else if (name === 'id') id = value;
    else if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    if (line !== '') continue;
    if (data.length > 0) yield { id, event, data: data.join('\n') };
    [id, event, data] = [null, 'message', []];
  }
}

async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split(/\r?\n/);
    rest = parts.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error('The stream of events has a line without end.');
    yield* parts;
  }
}

/** `source`: where connections to servers come from. */
import { parseAddress } from '../../../model/address.ts';
import { type Context, type Reader, type Source, tell } from './proxy.ts';
import { isAny, parseEndpoint } from './values.ts';

/** @returns and how many words belong to it */
export function readSource(
  words: readonly string[],
  context: Context,
): { source: Source | null; size: number } {
  const [address = '', ...rest] = words;
  let size = 1;
  for (let at = 0; at < rest.length; at += 2) {
    const [word, value = ''] = rest.slice(at, at + 2);
    if (word === 'interface') {
      tell(
        context,
        'changed',
        `\`interface ${value}\`: the way to servers is that of this machine's routes.`,
      );
    } else if (word === 'usesrc' || word === 'usesrc-port') {
      tell(
        context,
        'missing',
        "Servers saw the client's own address; with full NAT, which is written, they see the balancer's.",
        "Write `nat: half` at the virtual service and a two-armed `topology`; the servers' answers must come back through the balancer.",
      );
    } else break;
    size += 2;
  }
  return { source: sourceOf(address, context), size };
}

function sourceOf(text: string, context: Context): Source | null {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== 'socket' || isAny(endpoint.host)) return null;
  const parsed = parseAddress(endpoint.host);
  if (!parsed.ok) {
    tell(context, 'missing', `\`${text.slice(0, 80)}\` ${parsed.problem}.`, parsed.hint);
    return null;
  }
  const { ports } = endpoint;
  tell(context, 'translated', `\`snatPool\`: ${parsed.address}.`);
  return {
    address: parsed.address,
    ports: ports.kind === 'range' && ports.last > ports.first ? `${ports.first}-${ports.last}` : null,
    line: context.place.line,
  };
}

export const readSourceDirective: Reader = (proxy, words, context) => {
  proxy.source = readSource(words, context).source;
};

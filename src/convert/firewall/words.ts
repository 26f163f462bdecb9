/** What the formats say in comments. */
import { type Flow, partiesOf, spanText } from './flow.ts';

/** Comments end with their line, and nothing from a config may begin one that is none. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** A line for each port: `5061: SIP over TLS`. */
export function purposes(flows: readonly Flow[]): string[] {
  return flows.map((flow) => `${spanText(flow)}: ${oneLine(flow.purpose)}`);
}

/** What only the administrator knows. */
export function fillIn(flows: readonly Flow[]): string[] {
  return partiesOf(flows)
    .filter((party) => party.open)
    .map(({ id, label, addresses }) => {
      const some = addresses.length > 0 ? 'others than those known' : 'addresses';
      return `To be filled in: ${some} of ${oneLine(label)} (--address ${id}=ADDRESS,...)`;
    });
}

/** A name for each end in the format's own alphabet; ends whose names would be the same are numbered. */
export function namesOf(flows: readonly Flow[], word: (id: string) => string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id } of partiesOf(flows)) {
    const base = word(id);
    let name = base;
    for (let at = 2; taken.has(name.toLowerCase()); at++) name = `${base}_${at}`;
    taken.add(name.toLowerCase());
    names.set(id, name);
  }
  return names;
}

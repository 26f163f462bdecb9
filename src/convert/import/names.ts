/** Names that a config takes, from names that other programs take. */

const MOST = 63;

/** Letters, digits, `.`, `_` and `-`; begins with a letter or digit. @param otherwise for names without any */
export function cleanName(text: string, otherwise: string): string {
  const clean = text
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MOST)
    .replace(/[-._]+$/, '');
  return clean === '' ? otherwise : clean;
}

/** The name, or with a number behind it when it is taken; adds it to `taken`. */
export function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) {
    const end = `-${n}`;
    name = `${wanted.slice(0, MOST - end.length)}${end}`;
  }
  taken.add(name);
  return name;
}

/** What the names begin with in common, `ocs` of `ocs-5060` and `ocs-5061`; else the first. */
export function commonName(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  if (rest.length === 0) return first;
  let size = first.length;
  for (const name of rest) {
    let at = 0;
    while (at < size && name[at] === first[at]) at++;
    size = at;
  }
  const whole = rest.every((name) => name === first);
  const common = whole ? first : first.slice(0, size).replace(/[-_.]*\d*[-_.]*$/, '');
  return common.length >= 2 ? common : first;
}

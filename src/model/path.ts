/** Where in the config something stands: keys, and indexes of lists. */
export type Path = readonly (string | number)[];

/** `pools[0].realServers[1].weight`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** The key as the tables and the reference page name it: `pools[].realServers[].weight`. */
export function patternOf(path: Path): string {
  return formatPath(path).replaceAll(/\[\d+\]/g, '[]');
}

/** Every value that the pattern names, with its path. @param pattern e.g. `pools[].healthChecks[].type` */
export function valuesAt(root: unknown, pattern: string): { path: Path; value: unknown }[] {
  let found: { path: Path; value: unknown }[] = [{ path: [], value: root }];
  for (const part of pattern.split(/\.|(?=\[\])/)) {
    found = found.flatMap(({ path, value }) =>
      part === '[]' ? items(path, value) : child(path, value, part),
    );
  }
  return found;
}

/** The value at the path; undefined when there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function items(path: Path, value: unknown): { path: Path; value: unknown }[] {
  return Array.isArray(value) ? value.map((item, i) => ({ path: [...path, i], value: item })) : [];
}

function child(path: Path, value: unknown, key: string): { path: Path; value: unknown }[] {
  const at = valueAt(value, [key]);
  return at === undefined ? [] : [{ path: [...path, key], value: at }];
}

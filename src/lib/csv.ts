/** Comma-separated values as RFC 4180 has them, but for the line ends, which are those of this system. */

export function csv(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, ...rows].map((cells) => `${cells.map(cell).join(',')}\n`).join('');
}

/**
 * Spreadsheets take a cell that begins with one of these signs for a formula, and run it; a name from a config must not
 * become one.
 */
const FORMULA = /^[=+\-@\t\r]/;

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What all generated Markdown pages share. */

/** Says where a page comes from, so that nobody edits it by hand. */
export function generatedFrom(sources: string): string {
  return `<!-- Made from ${sources} by \`npm run generate\`; edits here are lost. -->`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** A bar would end the cell, and a line break the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

export function code(text: string): string {
  return `\`${text}\``;
}

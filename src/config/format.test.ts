import { describe, expect, it } from 'vitest';
import type { Finding } from './findings.ts';
import { formatFindings } from './format.ts';
import { parseConfig } from './load.ts';

function finding(over: Partial<Finding> = {}): Finding {
  return {
    rule: 'CONFIG_INVALID',
    severity: 'error',
    message: 'No.',
    hint: 'Yes.',
    file: 'c.yaml',
    line: 1,
    col: 1,
    source: '',
    ...over,
  };
}

/** What stands above the caret, as a person sees it; `cells` are the columns of a terminal before it. */
function caretOf(text: string, over: Partial<Finding>): { source: string; cells: number } {
  const [, source = '', caret = ''] = formatFindings([finding(over)], text).split('\n');
  return { source, cells: caret.indexOf('^') };
}

describe('a finding for people', () => {
  it('has place, code, message, source line, caret and hint', () => {
    const text = 'version: 1\npools:\n  - naem: x\n';
    expect(formatFindings([finding({ line: 3, col: 5 })], text)).toBe(
      'c.yaml:3:5: error CONFIG_INVALID No.\n    - naem: x\n      ^\n  hint: Yes.\n',
    );
  });

  it('has no source where the file has none, and no hint where there is none', () => {
    expect(formatFindings([finding({ hint: '' })], '')).toBe('c.yaml:1:1: error CONFIG_INVALID No.\n');
    expect(formatFindings([finding({ line: 99 })], 'a')).not.toContain('^');
  });

  it.each([
    ['ASCII', 'abc: x', 6, 5],
    ['wide characters, two cells each', '日本: x', 5, 6],
    ['an emoji beyond the first plane', '😀: x', 4, 4],
    ['combining marks, no cell', 'e\u0301: x', 5, 3],
    ['tabs, shown as two spaces', '\t\tx', 3, 4],
  ])('sets the caret below its character: %s', (_, text, col, cells) => {
    expect(caretOf(text, { col }).cells).toBe(cells + 2);
  });

  it('shows of a long line the part around the caret', () => {
    const text = `${'a'.repeat(5000)}X${'b'.repeat(5000)}`;
    const { source, cells } = caretOf(text, { col: 5001 });
    expect(source.length).toBeLessThan(110);
    expect(source[cells]).toBe('X');
    expect(source).toMatch(/^ {2}….*…$/);
  });

  it('shows of a long line of wide characters no more than fits', () => {
    const { source, cells } = caretOf('日'.repeat(5000), { col: 3000 });
    expect(Array.from(source).length).toBeLessThan(60);
    expect(cells).toBeLessThan(110);
  });

  it('hands no control characters to the terminal', () => {
    const nasty = 'a: "\u001b[31m\u202e\u0007\u009b"';
    const out = formatFindings([finding({ message: nasty, hint: nasty, file: nasty })], nasty);
    expect(Array.from('\u001b\u202e\u0007\u009b').filter((char) => out.includes(char))).toEqual([]);
  });

  it('fits a file with a byte order mark and Windows line ends', () => {
    const text = '\uFEFFversion: 2\r\n';
    const [found] = parseConfig(text, 'c.yaml').findings.filter((f) => f.rule === 'CONFIG_INVALID');
    expect(found).toMatchObject({ line: 1, col: 10 });
    expect(formatFindings(found ? [found] : [], text)).toContain('\n  version: 2\n           ^\n');
  });
});

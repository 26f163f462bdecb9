import { describe, expect, it } from 'vitest';
import { Report } from '../report.ts';
import { lastLineOf, readBlocks, type Statement } from './blocks.ts';

function read(text: string) {
  const report = new Report();
  return {
    statements: readBlocks(text, report).map(plain),
    told: report.entries().map((e) => `${e.line} ${e.message}`),
  };
}

function plain({ words, block }: Statement): unknown {
  return block === null ? words.join(' ') : [words.join(' '), block.map(plain)];
}

describe('readBlocks', () => {
  it.each([
    ['a block on one line', 'vs 10.0.0.1 80 { weight 1 }', [['vs 10.0.0.1 80', ['weight 1']]]],
    ['its brace on the next line', 'vs\n{\n weight 1\n}\n', [['vs', ['weight 1']]]],
    ['blocks in blocks', 'a {\n b {\n c 1\n }\n d\n}', [['a', [['b', ['c 1']], 'd']]]],
    ['comments of both kinds', '! one\na 1 # two\n#three\nb ! four', ['a 1', 'b']],
    ['quotes', 'notify "/bin/sh -c {x} # !" now', ['notify /bin/sh -c {x} # ! now']],
    ['variables', '$VIP=10.0.0.40\nvs $VIP ${VIP}0 $OTHER', ['vs 10.0.0.40 10.0.0.400 $OTHER']],
    ['a brace without words', '{ a }', [['', ['a']]]],
    ['an empty file', '\n\n', []],
  ])('%s', (_name, text, expected) => {
    expect(read(text)).toEqual({ statements: expected, told: [] });
  });

  it('tells of braces that do not pair, at their lines', () => {
    expect(read('a {\n b\n').told).toEqual(['1 This brace is not closed.']);
    expect(read('a {\n}\n}\nb').told).toEqual(['3 A closing brace too many.']);
  });

  it('does not go deeper than it may', () => {
    expect(read('x {\n'.repeat(10_000)).told).toHaveLength(1);
  });

  it('knows where a block ends', () => {
    const [first] = readBlocks('a {\n b {\n  c\n }\n}\n', new Report());
    expect(first && lastLineOf(first)).toBe(3);
  });
});

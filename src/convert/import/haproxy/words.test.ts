import { describe, expect, it } from 'vitest';
import { expand, splitWords } from './words.ts';

const VARIABLES = new Map([
  ['VIP', '10.0.0.40'],
  ['TWO', 'two words'],
]);
const words = (text: string): readonly string[] => splitWords(text, VARIABLES).words;

describe('splitWords', () => {
  it.each([
    ['  server  a\t10.0.0.1 ', ['server', 'a', '10.0.0.1']],
    ['bind :80 # of the web', ['bind', ':80']],
    ['bind :80#of the web', ['bind', ':80']],
    ['log-format a\\#b\\ c', ['log-format', 'a#b c']],
    ['stats realm HAProxy\\ Statistics', ['stats', 'realm', 'HAProxy Statistics']],
    [String.raw`expect "say \"no\" to $VIP and \$VIP"`, ['expect', 'say "no" to 10.0.0.40 and $VIP']],
    [String.raw`expect 'no $VIP, no \n, no # here'`, ['expect', String.raw`no $VIP, no \n, no # here`]],
    ['a \'b\'"c"d', ['a', 'bcd']],
    ['a "" b', ['a', '', 'b']],
    ['send PING\\r\\n', ['send', 'PING\r\n']],
    ['send \\x41\\x4', ['send', 'A\\x4']],
    ['reqrep ^(.*)\\.x \\1', ['reqrep', '^(.*)\\.x', '\\1']],
    ['bind $VIP:80', ['bind', '$VIP:80']],
    ['bind "${VIP}:80" "${NONE-:81}"', ['bind', '10.0.0.40:80', ':81']],
    ['name "$TWO"', ['name', 'two words']],
    ['end\\', ['end\\']],
    ['', []],
    ['# only a comment', []],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('says what HAProxy refuses, and which variables nobody set', () => {
    expect(splitWords('a "b c', VARIABLES)).toMatchObject({
      words: ['a', 'b c'],
      problem: expect.stringContaining('not closed'),
    });
    expect(splitWords('a "$NONE:80" "${OTHER}"', VARIABLES)).toMatchObject({
      words: ['a', ':80', ''],
      unset: ['NONE', 'OTHER'],
    });
  });
});

describe('expand', () => {
  it('puts variables into addresses without quotes, and bounds what comes of it', () => {
    expect(expand('${VIP}:443,$VIP:80,$NONE', VARIABLES)).toEqual({
      text: '10.0.0.40:443,10.0.0.40:80,',
      unset: ['NONE'],
    });
    const long = new Map([['A', 'x'.repeat(10_000)]]);
    expect(expand('$A$A$A', long).text.length).toBeLessThanOrEqual(4096);
  });
});

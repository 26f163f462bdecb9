import { expect, test } from 'vitest';
import { toText, widthOf } from '../cli/terminal/spans.ts';
import { render, type Scene } from './view.ts';

const SERVER = { state: 'UP', checks: [], open: 4, chosen: false } as const;
const SCENE: Scene = {
  vip: '127.0.0.40',
  elapsedMs: 83_999,
  chapter: { number: 3, of: 5, title: 'fe02 fails' },
  text: 'Its port 8444 has just been shut. '.repeat(4),
  look: 'CHECKS of fe02',
  servers: [
    { ...SERVER, name: 'fe01', address: '127.0.0.41' },
    {
      ...SERVER,
      name: 'fe02',
      address: '127.0.0.42',
      state: 'DOWN',
      open: 0,
      checks: [
        { port: 5061, result: 'L4OK' },
        { port: 8444, result: 'L4CON' },
      ],
    },
    { ...SERVER, name: 'fe03', address: '127.0.0.43', open: 1000, chosen: true },
  ],
  answers: [
    { protocol: 'sip', server: 'fe01' },
    { protocol: 'sipTls', server: 'fe03' },
    { protocol: 'https', server: 'fe01' },
  ],
  clients: { people: 12, signedIn: 11, answered: 58, cut: 1, cutOn: ['fe02'], turnedAway: 0 },
  log: [
    { at: '12:00:01', text: 'the first' },
    { at: '12:00:02', text: `Server ocspool/fe02 is DOWN, ${'and so on '.repeat(8)}`, look: 'yellow' },
  ],
  keys: [['q', 'quit']],
  command: 'npx poolgate servers',
};

function shown(scene: Scene, columns: number, rows: number): string[] {
  return render(scene, { columns, rows }).map((line) => toText(line, false));
}

function roll(scene: Scene): string[] {
  const lines = shown(scene, 80, 24).map((line) => line.trimEnd());
  const at = lines.findIndex((line) => line.startsWith(' WHO ANSWERED'));
  return lines.slice(at + 1, at + 4);
}

test.each([
  [80, 24],
  [100, 30],
  [200, 60],
  [40, 10],
  [1, 1],
])('fills a window of %i × %i exactly', (columns, rows) => {
  const lines = render(SCENE, { columns, rows });
  expect(lines).toHaveLength(rows);
  expect(new Set(lines.map(widthOf))).toEqual(new Set([columns]));
});

test('the smallest usual window has everything in it', () => {
  const text = shown(SCENE, 80, 24).join('\n');
  expect(text).toMatch(/VIP 127\.0\.0\.40 {2}01:23/);
  expect(text).toContain('▸ 3 of 5  fe02 fails');
  expect(text).toContain('→ CHECKS of fe02');
  expect(text).toMatch(/ fe01 {3}127\.0\.0\.41 {2}UP +█ 4 /);
  expect(text).toMatch(/ fe02 {3}127\.0\.0\.42 {2}DOWN {9}5061 L4OK {2}8444 L4CON +0 /);
  expect(text).toMatch(/▸fe03 .* █+ 1000 *$/m);
  expect(text).toContain('11 of 12 signed in · 58 answered · 1 cut off (fe02) · 0 turned away');
  expect(text).toContain('12:00:02  Server ocspool/fe02 is DOWN');
  expect(shown(SCENE, 80, 24).at(-1)).toMatch(/^ q quit +$/);
});

test('each answer has a column, in the row of the server that gave it', () => {
  expect(roll(SCENE)).toEqual([' fe01  S · H', ' fe02  · · ·', ' fe03  · T ·']);
});

test('of more answers than there is room for the newest are shown', () => {
  const many = Array.from({ length: 100 }, () => ({ protocol: 'sip', server: 'fe02' }) as const);
  const newest = { protocol: 'https', server: 'fe01' } as const;
  expect(roll({ ...SCENE, answers: [...many, newest] })[0]).toMatch(/^ fe01 {2}(· ){35}H$/);
});

test('the log shows whole entries, the newest last, as far as there is room', () => {
  const log = Array.from({ length: 50 }, (_, i) => ({ at: '12:00:00', text: `entry ${i}` }));
  const small = shown({ ...SCENE, log }, 80, 24).join('\n');
  expect(small).toContain('entry 49');
  expect(small).not.toContain('entry 30');
  const tall = shown({ ...SCENE, log }, 80, 60).join('\n');
  expect(tall).toMatch(/entry 30[^]*entry 49/);
});

test('a command that does not fit is left out, not cut', () => {
  const command = 'x'.repeat(80);
  expect(shown(SCENE, 100, 30).join()).toContain('try  npx poolgate servers');
  expect(shown({ ...SCENE, command }, 80, 30).join()).not.toContain('xxx');
});

test('colour adds escape sequences and nothing else', () => {
  const lines = render(SCENE, { columns: 80, rows: 24 });
  const coloured = lines.map((line) => toText(line, true)).join('\n');
  expect(coloured).toContain('\u001b[1;31mDOWN\u001b[0m');
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it is for
  expect(coloured.replaceAll(/\u001b\[[0-9;]*m/g, '')).toBe(shown(SCENE, 80, 24).join('\n'));
});

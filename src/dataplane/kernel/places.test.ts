import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leavePlaces, placesOf } from './places.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'poolgate-places-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('two state directories never share a place, and one always has the same', () => {
  const [a, b] = [placesOf('/var/lib/a'), placesOf('/var/lib/b')];
  expect(placesOf('/var/lib/x/../a')).toMatchObject({ pins: a.pins });
  expect(a.pins).not.toBe(b.pins);
  expect(a.pins).toMatch(/^\/sys\/fs\/bpf\/poolgate\/[\da-f]{16}$/);
  expect(a.runFolder).toMatch(/^\/var\/lib\/a\/kernel\/[\da-f]{16}$/);
});

it('after a stop no empty folder stays, and what others have does', () => {
  const places = placesOf(join(root, 'state'), join(root, 'bpf'));
  mkdirSync(places.pins, { recursive: true });
  mkdirSync(places.runFolder, { recursive: true });
  mkdirSync(join(root, 'bpf/poolgate/of-another'));
  leavePlaces(places);
  expect(existsSync(places.pins)).toBe(false);
  expect(existsSync(join(root, 'state/kernel'))).toBe(false);
  expect(existsSync(join(root, 'bpf/poolgate/of-another'))).toBe(true);
});

import { expect, test, vi } from 'vitest';
import { Controls, keysFor } from './controls.ts';
import type { Rig } from './rig.ts';

function controls() {
  const told = { onQuit: vi.fn<() => void>(), onSkip: vi.fn<() => void>(), onProblem: vi.fn<() => void>() };
  return { told, made: new Controls(told) };
}

/** A rig with nothing in it but what keys act on. */
function rig() {
  const failed = new Set<string>();
  const done: string[] = [];
  const admin = new Map<string, string>();
  const faults = {
    isFailed: (name: string) => failed.has(name),
    fail: async (name: string) => void (failed.add(name), done.push(`fail ${name}`)),
    mend: async (name: string) => void (failed.delete(name), done.push(`mend ${name}`)),
  };
  const balancer = {
    servers: async () =>
      ['fe01', 'fe02', 'fe03'].map((name) => ({ name, admin: admin.get(name) ?? 'ready' })),
    setAdmin: async (name: string, to: string) => void (admin.set(name, to), done.push(`${to} ${name}`)),
  };
  return { done, rig: { faults, balancer } as unknown as Rig };
}

test('during the tour keys only leave it', () => {
  const { told, made } = controls();
  for (const key of ['f', 'd', '1', 's']) made.press(key);
  expect(made.chosen).toBeNull();
  expect(told.onSkip).toHaveBeenCalledOnce();
  expect(told.onQuit).not.toHaveBeenCalled();
  made.press('\u0003');
  expect(told.onQuit).toHaveBeenCalledOnce();
});

test('afterwards they fail, mend, drain and ready the server that was chosen, one after another', async () => {
  const { told, made } = controls();
  const { rig: broken, done } = rig();
  made.take(broken);
  for (const key of ['3', 'f', 'f', '1', 'd', 'd', '\u001b[B', 'f']) made.press(key);
  const all = ['fail fe03', 'mend fe03', 'drain fe01', 'ready fe01', 'fail fe02'];
  await vi.waitUntil(() => done.length === all.length);
  expect(done).toEqual(all);
  expect(keysFor(made.chosen).map(([, does]) => does)).toContain('fail or mend fe02');
  expect(told.onProblem).not.toHaveBeenCalled();
});

test('a wish that fails is told, and the next one still granted', async () => {
  const { told, made } = controls();
  const { rig: broken, done } = rig();
  broken.faults.fail = () => Promise.reject(new Error('no'));
  made.take(broken);
  for (const key of ['f', 'd']) made.press(key);
  await vi.waitUntil(() => done.length === 1);
  expect(told.onProblem).toHaveBeenCalledWith('no');
});

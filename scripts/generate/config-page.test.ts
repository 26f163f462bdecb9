import { describe, expect, it } from 'vitest';
import { NOT_AVAILABLE } from '../../src/model/not-available.ts';
import { fields } from '../../src/model/walk.ts';
import { renderConfigPage } from './config-page.ts';

const page = renderConfigPage();

/** The cells of a key: key, type, default, unit, applies, what it does. */
function row(path: string): string[] {
  const at = path.lastIndexOf('.');
  const [section, key] = [at < 0 ? 'The file' : `\`${path.slice(0, at)}\``, path.slice(at + 1)];
  const body = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const line = body.split('\n').find((one) => one.startsWith(`| \`${key}\` |`)) ?? '';
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('the page of the config', () => {
  it('says bounds, default, where a value is inherited from, and when a change takes effect', () => {
    const [, type, standard, , applies] = row('pools[].healthChecks[].interval');
    expect(type).toBe('duration from 10ms to 1h');
    expect(standard).toBe('the profile, then `defaults.healthCheck.interval`, then `5s`');
    expect(applies).toBe('`live`');
    expect(row('virtualServices[].timeouts.idle')[2]).toBe(
      'the profile, then `defaults.timeouts.idle`, then `30m`',
    );
    expect(row('pools[].realServers[].weight')[1]).toBe('whole number 0–65535');
    expect(row('pools[].realServers[].address')[2]).toBe('*required*');
    expect(row('admin.listen')[4]).toBe('`restart`');
  });

  it('describes the keys of a mapping within the list of ports', () => {
    expect(row('virtualServices[].ports[].serverPort')[1]).toBe('whole number 1–65535');
  });

  it.each([...fields()])('has a complete row for $key', ({ key }) => {
    expect(row(key)).toHaveLength(6);
    expect(row(key)[1]).not.toBe('');
  });

  it.each(NOT_AVAILABLE)('says at $key what this version does not do', ({ key, what }) => {
    expect(row(key)[5]).toContain(`**Not in this version:** ${what.replace(/,$/, '')}.`);
  });
});

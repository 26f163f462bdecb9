import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { localPorts } from './local-ports.ts';

it.each([
  ['a machine of its own mind', '1024\t65535\n', { first: 1024, last: 65_535 }],
  ['nonsense', 'ports\n', { first: 32_768, last: 60_999 }],
])('reads the range of %s', (_, text, range) => {
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-ports-'));
  try {
    writeFileSync(join(folder, 'range'), text);
    expect(localPorts(join(folder, 'range'))).toEqual(range);
    expect(localPorts(join(folder, 'none'))).toEqual({ first: 32_768, last: 60_999 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

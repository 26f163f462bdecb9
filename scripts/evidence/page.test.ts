import { expect, it } from 'vitest';
import { evidencePage } from './page.ts';
import type { Result } from './result.ts';

const MACHINE = {
  cpu: 'a processor',
  cores: 2,
  memoryGb: 24,
  kernel: 'Linux 6.1',
  system: 'Debian',
  virtual: false,
  congestionControl: 'cubic',
  compiler: '',
};

function soak(good: number, unexplained: unknown[]): Result {
  return {
    kind: 'soak',
    at: '2026-01-02T03:04:05.000Z',
    found: {
      minutes: 30,
      topRate: 8000,
      flood: {
        perSecond: 4000,
        good,
        errors: { reset: 3, timeout: 1, eof: 1 },
        resetsAtHealthyServers: 0,
        resetsAtClientsWithoutTrouble: 0,
        unexplained,
      },
      crowd: {
        connections: 10,
        exchanges: 20,
        lostOnFailedServers: 1,
        unexplained: [],
        resetsAtHealthyServers: 0,
      },
      troubles: { drain: 2, port: 1 },
      openAtServersAfterwards: 0,
      activeAfterwards: 0,
      descriptorsBefore: 49,
      descriptorsAfter: 50,
      rssKbBefore: 102_400,
      rssKbAtTop: 104_448,
      rssKbAfter: 104_448,
    },
  };
}

it('sums the slices up, and hides nothing that was found', () => {
  const page = evidencePage(MACHINE, [
    soak(1_000_000, []),
    soak(2_000_000, [{}, {}]),
    {
      kind: 'fuzz',
      at: '2026-01-03T00:00:00.000Z',
      file: 'a.test.ts',
      minutes: 10,
      rounds: 1234,
      failures: ['seed 7'],
    },
    {
      kind: 'lab',
      at: '2026-01-04T00:00:00.000Z',
      scenario: 'hundred-thousand',
      minutes: 2.5,
      said: ['102000 held: 20 KB more in the daemon'],
      failures: ['it failed'],
    },
  ]);
  for (const line of [
    '2 runs, 60 minutes in all; the last one ended 2026-01-02.',
    '| its connections | 3,000,000 good, 6 reset, 4 ended otherwise |',
    '| troubles | 4 × drain, 2 × port |',
    '| lost connections that the failed server does not explain | 2 |',
    '| resident memory at start, at the top rate, at the end, MB | 100, 102, 102; 100, 102, 102 |',
    '| `hundred-thousand` | 2026-01-04 | 2.5 | 102000 held: 20 KB more in the daemon | 1 |',
    '| `a.test.ts` | 2026-01-03 | 10 | 1,234 | 1 |',
  ]) {
    expect(page).toContain(line);
  }
});

import { afterEach, describe, expect, test } from 'vitest';
import { clientHash, serverIdentity } from '../../../scheduler/identity.ts';
import { maglevTable } from '../../../scheduler/maglev.ts';
import { SCHEDULER } from '../../../scheduler/scheduler.ts';
import { addressWords } from '../../proxy/guard/client-address.ts';
import { reasonNotToRun, SCHEDULERS, TestBalancer } from './test-balancer.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, hashing in the kernel: ${reason}\n`);

let balancer: TestBalancer;
afterEach(() => balancer?.close());

/** Server 1 is not selectable: its clients go to others, the same ones as in the proxy plane. */
const DOWN = 1;
const CLIENTS = 600;

describe.runIf(reason === null)('both planes send a client to the same server', () => {
  test.each<['sh' | 'mh', readonly number[]]>([
    ['sh', [1, 1, 1, 1]],
    ['sh', [1, 2, 3, 65_535]],
    ['sh', [100, 101, 99, 100, 103, 1, 7]],
    ['mh', [1, 1, 1, 1]],
    ['mh', [1, 2, 3, 40]],
  ])('%s, weights %j', (name, weights) => {
    const servers = weights.map((weight, at) => {
      return { weight, address: `10.0.0.${at + 41}`, selectable: at !== DOWN };
    });
    balancer = new TestBalancer(servers, { scheduler: SCHEDULERS[name] });
    const identity = Int32Array.from(servers.map(({ address }) => serverIdentity(addressWords(address))));
    const maglev = maglevTable(
      weights.map((weight, position) => ({ position, identity: identity[position]!, weight })),
    );
    balancer.program.maps.maglevs.set(0, { servers: [...maglev] });
    const set = {
      count: weights.length,
      selectable: Int32Array.from(servers.map(({ selectable }) => (selectable ? 1 : 0))),
      weight: Int32Array.from(weights),
      active: new Int32Array(weights.length),
      current: new Int32Array(weights.length),
      cursor: 0,
      identity,
      maglev,
    };
    for (let i = 0; i < CLIENTS; i++) {
      const client = `198.18.${i >> 8}.${i & 255}`;
      const expected = SCHEDULER[name]({ ...set, client: clientHash(addressWords(client)) }, -1);
      expect(balancer.open(4000, { from: [client, 4000] }), client).toBe(expected);
    }
  });
});

/** The contract of data planes, kept by the kernel plane: between it and the tests is a cable. As root. */
import { afterAll, describe } from 'vitest';
import { KERNEL } from '../contract/traits.ts';
import { dataPlaneContract } from '../dataplane.contract.ts';
import { reasonNotToRun as noPrograms } from './bpf/test-balancer.ts';
import { reasonNotToRun as noNamespaces } from './testing/namespaces.ts';
import { RemotePlanes } from './testing/remote-plane.ts';

const why = noNamespaces() || noPrograms();
if (why) process.stderr.write(`SKIPPED: the kernel plane's contract: ${why}\n`);
const planes = why ? null : await RemotePlanes.start();
afterAll(() => planes?.stop());

describe.skipIf(planes === null)('in another network namespace', () => {
  dataPlaneContract('kernel plane', () => planes!.create(), KERNEL);
});

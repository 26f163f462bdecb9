import { expect, it } from 'vitest';
import { claimNetwork } from './claim.ts';

it('one at a time; free again when it is let go', async () => {
  const first = await claimNetwork();
  await expect(claimNetwork()).rejects.toMatchObject({
    code: 'PLANE_UNAVAILABLE',
    message: 'Another Poolgate runs the kernel data plane in this network.',
  });
  first.close();
  first.close();
  (await claimNetwork()).close();
});

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addAddress, type Ran, readInterfaces, removeAddress, runIp } from './iproute.ts';

const asked: string[] = [];

function answers(answer: Partial<Ran>) {
  return async (args: readonly string[]): Promise<Ran> => {
    asked.push(args.join(' '));
    return { ok: false, stdout: '', stderr: '', ...answer };
  };
}

test('an address stands alone; an IPv6 one is never a source of its own accord', async () => {
  asked.length = 0;
  await addAddress('10.0.0.40', 'eth0', undefined, answers({ ok: true }));
  await addAddress('2001:db8::40', 'eth0', undefined, answers({ ok: true }));
  await removeAddress('2001:db8::40', 'eth0', undefined, answers({ ok: true }));
  await addAddress('2001:db8:1::40', 'eth1', 64, answers({ ok: true }));
  expect(asked).toEqual([
    '-4 address add 10.0.0.40/32 dev eth0',
    '-6 address add 2001:db8::40/128 dev eth0 preferred_lft 0 nodad',
    '-6 address del 2001:db8::40/128 dev eth0',
    '-6 address add 2001:db8:1::40/64 dev eth1 nodad',
  ]);
});

test.each([
  ['10.0.0.40', 'RTNETLINK answers: Operation not permitted', 'ADDRESS_FORBIDDEN', 'lacks CAP_NET_ADMIN'],
  ['2001:db8::40', 'RTNETLINK answers: Permission denied', 'SYSTEM', 'IPv6 is switched off'],
  ['10.0.0.40', 'Error: ipv4: Address already assigned.', 'SYSTEM', 'Address already assigned'],
  ['10.0.0.40', '', 'SYSTEM', 'said nothing'],
])('%s: %s', async (address, stderr, code, words) => {
  const adding = addAddress(address, 'eth0', undefined, answers({ stderr }));
  await expect(adding).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test('removing what is gone is fine, being forbidden is not', async () => {
  await removeAddress(
    '10.0.0.40',
    'eth0',
    undefined,
    answers({ stderr: 'RTNETLINK answers: Cannot assign requested address' }),
  );
  await removeAddress('10.0.0.40', 'eth9', undefined, answers({ stderr: 'Cannot find device "eth9"' }));
  const forbidden = answers({ stderr: 'RTNETLINK answers: Operation not permitted' });
  await expect(removeAddress('10.0.0.40', 'eth0', undefined, forbidden)).rejects.toMatchObject({
    code: 'ADDRESS_FORBIDDEN',
  });
});

test('output that is none, or a program that fails, is an error with its words', async () => {
  await expect(readInterfaces(answers({ ok: true, stdout: 'oops' }))).rejects.toMatchObject({
    code: 'SYSTEM',
  });
  await expect(readInterfaces(answers({ stderr: 'Dump terminated' }))).rejects.toThrow('Dump terminated');
});

const hasIp = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'].some((path) => existsSync(path));

test.skipIf(!hasIp)('the real program is understood', async () => {
  const all = await readInterfaces();
  const lo = all.find((i) => i.name === 'lo');
  expect(lo?.addresses.map((a) => a.address)).toContain('127.0.0.1');
  expect(await runIp(['address', 'show', 'dev', 'no-such-device'])).toMatchObject({ ok: false });
});

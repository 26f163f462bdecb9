import { afterEach, describe } from 'vitest';
import { changingContract } from './contract/changing.ts';
import { choosingContract } from './contract/choosing.ts';
import { forwardingContract } from './contract/forwarding.ts';
import { selectingContract } from './contract/selecting.ts';
import { udpChoosingContract } from './contract/udp-choosing.ts';
import { udpChangingContract } from './contract/udp-changing.ts';
import { udpSourcesContract } from './contract/udp-sources.ts';
import { udpContract } from './contract/udp.ts';
import { limitingContract } from './contract/limiting.ts';
import { persistingContract } from './contract/persisting.ts';
import { sourcingContract } from './contract/sourcing.ts';
import { type CreatePlane, Rig, type RigOptions } from './contract/rig.ts';
import { PROXY, type Traits } from './contract/traits.ts';

/** What every data plane that moves bytes must do, shown with real sockets. */
export function dataPlaneContract(name: string, create: CreatePlane, traits: Traits = PROXY): void {
  const rigs: Rig[] = [];
  const makeRig = async (weights: readonly number[], options?: RigOptions): Promise<Rig> => {
    const rig = new Rig(await create());
    rigs.push(rig);
    await rig.start(weights, options);
    return rig;
  };
  afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.close())));

  describe(`${name}: choosing`, () => {
    choosingContract(makeRig, traits);
  });
  describe(`${name}: persisting`, () => {
    persistingContract(makeRig, traits);
  });
  describe(`${name}: limiting`, () => {
    limitingContract(makeRig, traits);
  });
  describe(`${name}: source addresses`, () => {
    sourcingContract(makeRig, traits);
  });
  describe(`${name}: forwarding`, () => {
    forwardingContract(makeRig);
  });
  describe(`${name}: changing`, () => {
    changingContract(makeRig, traits);
  });
  describe(`${name}: selecting`, () => {
    selectingContract(makeRig, traits);
  });
  describe(`${name}: UDP`, () => {
    udpContract(makeRig, traits);
    udpSourcesContract(makeRig, traits);
  });
  describe(`${name}: UDP, persisting and limiting`, () => {
    udpChoosingContract(makeRig, traits);
  });
  describe(`${name}: UDP flows and changes`, () => {
    udpChangingContract(makeRig, traits);
  });
}

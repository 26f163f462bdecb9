import { loadAndCpu, type Measure } from './measure.ts';

/** Small messages to and fro over connections that stay open. */
export const roundtrips: Measure = {
  method:
    'Connections that stay open each send 64 bytes, wait until they are echoed, and send again at once.',
  fresh: false,
  async run(peer, options) {
    const r = await loadAndCpu(peer, 'roundtrip', 'small', options, options.connections);
    return {
      roundTripsPerSecond: r.perSecond,
      roundTripP50: r.p50us / 1e3,
      roundTripP99: r.p99us / 1e3,
      generatorBusy: r.busy,
      work: r.wholeCount,
      roundTripMachineCpu: (r.machineCpu / r.wholeCount) * 1e6,
      ...(r.cpu === undefined ? {} : { roundTripCpu: (r.cpu / r.wholeCount) * 1e6 }),
    };
  },
};

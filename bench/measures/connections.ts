import { loadAndCpu, type Measure } from './measure.ts';

/** New connections per second. */
export const connections: Measure = {
  method:
    'Connections are opened, carry 64 bytes each way and are closed by the client, so many at a time as the run says; ' +
    'the time of one is from connect to the last byte of the reply.',
  fresh: false,
  async run(peer, options) {
    const r = await loadAndCpu(peer, 'connect', 'small', options, options.connections);
    return {
      connectionsPerSecond: r.perSecond,
      connectionP99: r.p99us / 1e3,
      generatorBusy: r.busy,
      work: r.wholeCount,
      connectionMachineCpu: (r.machineCpu / r.wholeCount) * 1e6,
      ...(r.cpu === undefined ? {} : { connectionCpu: (r.cpu / r.wholeCount) * 1e6 }),
    };
  },
};

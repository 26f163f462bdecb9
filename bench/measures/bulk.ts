import { loadAndCpu, type Measure } from './measure.ts';

const STREAMS = 4;

/** Bytes from the servers to the client, as fast as they come. */
export const bulk: Measure = {
  method:
    `${STREAMS} connections carry bytes from the servers to the client as fast as they come. The server sends from the ` +
    'page cache and the client discards in the kernel, so that neither copies a byte and the balancer is the limit.',
  fresh: false,
  async run(peer, options) {
    const r = await loadAndCpu(peer, 'bulk', 'bulk', options, STREAMS);
    return {
      bulkRate: r.gbps,
      generatorBusy: r.busy,
      work: r.wholeBytes / 1e9,
      bulkMachineCpu: r.machineCpu / (r.wholeBytes / 1e9),
      ...(r.cpu === undefined ? {} : { bulkCpu: r.cpu / (r.wholeBytes / 1e9) }),
    };
  },
};

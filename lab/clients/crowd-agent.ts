/** The program of the clients' machine. */
import { serve } from '../agent/serve.ts';
import { close, exchange, halfClose, open, say, states } from './held.ts';
import { loadSummary, startLoad, stopLoad } from './load.ts';
import { finishTalks, resumeTalks, startTalk, talks } from './talk.ts';

const operations = {
  open,
  states,
  exchange,
  say,
  halfClose,
  close,
  startTalk,
  talks,
  resumeTalks,
  finishTalks,
  startLoad,
  loadSummary,
  stopLoad,
};

export type CrowdOperations = typeof operations;

serve(operations);

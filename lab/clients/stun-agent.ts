/** The program of STUN clients on a machine. */
import { serve } from '../agent/serve.ts';
import { stunAgain, stunClose, stunOpen } from './stun.ts';

const operations = { stunOpen, stunAgain, stunClose };

export type StunOperations = typeof operations;

serve(operations);

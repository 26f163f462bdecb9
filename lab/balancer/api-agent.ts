/** Speaks to the admin API from inside the balancer's machine, because the API listens on loopback only. */
import { serve } from '../agent/serve.ts';

export interface ApiRequest {
  readonly method: string;
  /** With the scheme and the address. */
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

const operations = {
  async request({ method, url, headers, body }: ApiRequest): Promise<ApiAnswer> {
    const answer = await fetch(url, {
      method,
      ...(headers ? { headers } : {}),
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: await answer.text() };
  },
};

export type ApiOperations = typeof operations;

serve(operations);

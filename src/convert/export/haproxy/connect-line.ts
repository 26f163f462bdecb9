import type { HealthCheck } from '../../../model/effective.ts';

/** The step that opens the connection of a check, and its TLS. */
export function connectLine(kind: 'tcp-check' | 'http-check', { port, tls }: HealthCheck): string {
  const name = tls?.serverName ? ` sni ${tls.serverName}` : '';
  return `${kind} connect port ${port}${tls ? ` ssl${name}` : ''}`;
}

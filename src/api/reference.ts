/** docs/reference/api.md from the table of routes. */
import { ERRORS, type ErrorCode, PoolgateError } from '../lib/errors.ts';
import { toProblem } from './problem.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { STREAM_LIMITS } from './event-stream.ts';
import { SERVER_LIMITS } from './server.ts';
import { ROLES } from './tokens.ts';
import { EVENT_KINDS } from './views.ts';

const HEAD = `# Admin API

Generated from the program; do not edit. The daemon serves the same as OpenAPI 3.1 at \`/api/v1/openapi.json\`.

\`\`\`sh
curl -H "Authorization: Bearer $(cat /var/lib/poolgate/admin-token)" http://127.0.0.1:9080/api/v1/servers
\`\`\`

Every request needs \`Authorization: Bearer TOKEN\`, but for \`/healthz\`. The first start writes a token with the role
admin to \`admin-token\` in the state directory, readable by its owner alone. \`/metrics\` needs a token too, because it
tells the names and addresses of servers; give Prometheus the file as \`authorization: { credentials_file: … }\`.
Roles, each may do what those before it may: ${ROLES.join(', ')}.

The Host header must name a loopback address or \`localhost\`, and requests from another web site are refused: a page in
an operator's browser can not use the API. From another machine, use a tunnel: \`ssh -L 9080:127.0.0.1:9080 HOST\`.

Errors are problem+json (RFC 9457): \`{type,title,status,code,detail,hint}\`, for a rejected config with \`findings\`.
`;

export function renderApiReference(): string {
  return [HEAD, '## Requests\n', routeTable(), ...ROUTES.map(section), events(), limits(), codes()].join(
    '\n',
  );
}

function routeTable(): string {
  const rows = ROUTES.map((r) => `| \`${r.method} ${r.path}\` | ${r.role} | ${cell(r.summary)} |`);
  return ['| request | role | does |', '|---|---|---|', ...rows, ''].join('\n');
}

function section(route: Route): string {
  const query = Object.keys(route.query?.shape ?? {}).map((name) => `\`${name}\``);
  const headers = Object.entries(route.headers ?? {}).map(([name, doc]) => `- header \`${name}\`: ${doc}`);
  const refusals = Object.entries({ ...route.otherAnswers, ...route.refusals }).map(
    ([status, doc]) => `- ${status}: ${doc}`,
  );
  return [
    `### ${route.method} ${route.path}\n`,
    `${route.summary}.\n`,
    ...(query.length > 0 ? [`- query: ${query.join(', ')}`] : []),
    ...(route.body ? [`- body: ${route.body.types[0]}, up to ${route.body.limitBytes / 1024} KiB`] : []),
    ...headers,
    `- 200: ${route.answer.doc} (${route.answer.type})`,
    ...refusals,
    '',
  ].join('\n');
}

function events(): string {
  const rows = Object.entries(EVENT_KINDS).map(([kind, doc]) => `| \`${kind}\` | ${cell(doc)} |`);
  return ['## Kinds of events\n', '| kind | says |', '|---|---|', ...rows, ''].join('\n');
}

function limits(): string {
  const { headersMs, requestMs, silentMs, connections } = SERVER_LIMITS;
  return [
    '## Limits\n',
    '| what | limit |',
    '|---|---|',
    `| headers complete after | ${headersMs / 1000} s |`,
    `| body complete after | ${requestMs / 1000} s |`,
    `| a connection on which nothing moves | ${silentMs / 1000} s |`,
    `| connections at once | ${connections} |`,
    `| event streams at once | ${STREAM_LIMITS.streams} |`,
    `| unsent bytes of an event stream, then it is cut | ${STREAM_LIMITS.bufferBytes / 1024} KiB |`,
    '',
  ].join('\n');
}

function codes(): string {
  const all = Object.keys(ERRORS) as ErrorCode[];
  const rows = all.map((code) => `| \`${code}\` | ${toProblem(new PoolgateError(code, '')).status} |`);
  const head = 'What to do about each: [errors](errors.md).\n';
  return ['## Codes\n', head, '| code | status |', '|---|---|', ...rows, ''].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

import { expect, test } from 'vitest';
import { PoolgateError } from '../lib/errors.ts';
import { type ApiLog, createApi } from './app.ts';
import { fakeController } from './fake-controller.ts';
import { ROUTES } from './routes.ts';
import { type Role, createTokens } from './tokens.ts';

interface Logged {
  readonly level: string;
  readonly fields: Record<string, unknown>;
}

const YAML = { 'content-type': 'application/yaml' };
const JSON_BODY = { 'content-type': 'application/json' };

function setUp() {
  const controller = fakeController();
  const logged: Logged[] = [];
  const write = (level: string) => (fields: object) => void logged.push({ level, fields: { ...fields } });
  const log: ApiLog = { info: write('info'), warn: write('warn'), error: write('error') };
  const tokens = createTokens(
    (['viewer', 'operator', 'admin'] as const).map((role) => ({
      name: role,
      role,
      secret: `secret-${role}`,
    })),
  );
  const api = createApi({
    controller,
    tokens,
    metrics: async () => ({ contentType: 'text/plain', body: '# metrics\n' }),
    log,
  });
  async function ask(path: string, init: RequestInit & { role?: Role | null } = {}) {
    const { role = 'admin', ...rest } = init;
    const headers = new Headers(rest.headers);
    if (role !== null) headers.set('authorization', `Bearer secret-${role}`);
    if (!headers.has('host')) headers.set('host', '127.0.0.1:9080');
    return api.request(path, { ...rest, headers });
  }
  return { controller, logged, ask };
}

function concrete(path: string): string {
  return path.replace('{pool}', 'ocspool').replace('{name}', 'fe01');
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Record<string, unknown>;
}

test('every route but /healthz answers 401 without a token and with a wrong one, and does nothing', async () => {
  const { controller, ask } = setUp();
  for (const spec of ROUTES) {
    if (spec.path === '/healthz') continue;
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic c2VjcmV0' }]) {
      const response = await ask(concrete(spec.path), { method: spec.method, headers, role: null });
      expect([spec.path, response.status]).toEqual([spec.path, 401]);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await problemOf(response)).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    }
  }
  expect(controller.asked).toEqual([]);
});

test('paths that do not exist tell nothing without a token', async () => {
  const { ask } = setUp();
  expect((await ask('/api/v1/nothing', { role: null })).status).toBe(401);
  expect(await problemOf(await ask('/api/v1/nothing'))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test('a role may do what it is for and no more', async () => {
  const { controller, ask } = setUp();
  const drain = { method: 'POST', headers: JSON_BODY, body: '{"admin":"drain"}' };
  expect((await ask('/api/v1/servers/ocspool/fe01/admin', { ...drain, role: 'viewer' })).status).toBe(403);
  expect((await ask('/api/v1/servers/ocspool/fe01/admin', { ...drain, role: 'operator' })).status).toBe(200);
  const apply = { method: 'POST', headers: YAML, body: 'version: 1\n' };
  expect((await ask('/api/v1/apply', { ...apply, role: 'operator' })).status).toBe(403);
  expect((await ask('/api/v1/plan', { ...apply, role: 'viewer' })).status).toBe(200);
  const rollback = { method: 'POST', headers: JSON_BODY, body: '{}' };
  expect((await ask('/api/v1/rollback', { ...rollback, role: 'operator' })).status).toBe(403);
  expect((await ask('/api/v1/history', { role: 'viewer' })).status).toBe(200);
  expect(controller.asked).toEqual(['setAdmin ocspool/fe01 drain by api', 'plan version: 1\n']);
});

test('health is open to all and follows readiness', async () => {
  const { controller, ask } = setUp();
  expect((await ask('/healthz', { role: null })).status).toBe(200);
  controller.setStatus({ ready: false });
  const response = await ask('/healthz', { role: null });
  expect([response.status, await response.json()]).toEqual([503, { ready: false }]);
});

test('other host names, other origins and other sites are refused', async () => {
  const { ask } = setUp();
  for (const host of [
    'contoso.com',
    'contoso.com:9080',
    '10.0.0.40',
    '127.0.0.1.contoso.com',
    '[::2]',
    'a b',
  ]) {
    expect([host, (await ask('/healthz', { headers: { host } })).status]).toEqual([host, 421]);
  }
  for (const host of ['localhost', 'LOCALHOST:9080', '127.0.0.1:9080', '127.8.8.8', '[::1]:9080']) {
    expect([host, (await ask('/healthz', { headers: { host } })).status]).toEqual([host, 200]);
  }
  expect((await ask('/api/v1/status', { headers: { origin: 'http://contoso.com' } })).status).toBe(403);
  expect((await ask('/api/v1/status', { headers: { origin: 'null' } })).status).toBe(403);
  expect((await ask('/api/v1/status', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  expect((await ask('/api/v1/status', { headers: { origin: 'http://127.0.0.1:9080' } })).status).toBe(200);
  expect((await ask('/api/v1/status')).headers.get('access-control-allow-origin')).toBeNull();
});

test('views are what the controller says', async () => {
  const { controller, ask } = setUp();
  expect(await (await ask('/api/v1/status')).json()).toEqual(controller.status());
  expect(await (await ask('/api/v1/servers')).json()).toEqual(controller.servers());
  expect(await (await ask('/api/v1/servers?pool=other')).json()).toEqual([]);
  expect(await (await ask('/api/v1/services')).json()).toEqual(controller.status().services);
  const connections = await (await ask('/api/v1/connections?pool=ocspool&realServer=fe02&limit=5')).json();
  expect(connections).toMatchObject([{ id: 'c2' }]);
  controller.emit({ message: 'one' });
  controller.emit({ message: 'two' });
  expect(await (await ask('/api/v1/events/recent?limit=1')).json()).toMatchObject([
    { message: 'two', seq: 2 },
  ]);
  expect(await (await ask('/metrics')).text()).toBe('# metrics\n');
  const config = await ask('/api/v1/config');
  expect([config.headers.get('etag'), await config.json()]).toEqual(['"abc123"', controller.configText()]);
});

test('changes reach the controller and are audited, done or refused, without the token', async () => {
  const { controller, logged, ask } = setUp();
  const weight = { method: 'POST', headers: JSON_BODY, body: '{"weight":0}', role: 'operator' as const };
  expect(await (await ask('/api/v1/servers/ocspool/fe02/weight', weight)).json()).toMatchObject({
    weight: 0,
  });
  expect(await problemOf(await ask('/api/v1/servers/ocspool/fe09/weight', weight))).toMatchObject({
    status: 404,
    code: 'UNKNOWN_SERVER',
  });
  expect((await ask('/api/v1/reload', { method: 'POST' })).status).toBe(200);
  expect(controller.asked.at(-1)).toBe('reload by api');
  expect(logged.map(({ level, fields }) => [level, fields['tokenName'], fields['status']])).toEqual([
    ['info', 'operator', 200],
    ['warn', 'operator', 404],
    ['info', 'admin', 200],
  ]);
  expect(JSON.stringify(logged)).not.toContain('secret-');
});

test('a rejected config comes back with its findings', async () => {
  const { controller, ask } = setUp();
  const findings = [{ message: 'Unknown key', line: 3, col: 5 }];
  controller.planning = () => {
    throw Object.assign(new PoolgateError('CONFIG_INVALID', 'The config has 1 error.'), { findings });
  };
  for (const path of ['/api/v1/plan', '/api/v1/apply']) {
    const response = await ask(path, { method: 'POST', headers: YAML, body: 'x' });
    expect(await problemOf(response)).toMatchObject({ status: 422, code: 'CONFIG_INVALID', findings });
  }
});

test('connections by filter; the header says when the limit cut the list', async () => {
  const { ask } = setUp();
  const list = async (query: string) => {
    const response = await ask(`/api/v1/connections?${query}`);
    const ids = ((await response.json()) as { id: string }[]).map((c) => c.id);
    return [ids.join(), response.headers.get('poolgate-more')];
  };
  expect(await list('')).toEqual(['c1,c2', 'false']);
  expect(await list('limit=1')).toEqual(['c1', 'true']);
  expect(await list('limit=2')).toEqual(['c1,c2', 'false']);
  expect(await list('client=192.0.2.0/24&vip=10.0.0.40&port=5061&ageOver=1m&realServer=fe02')).toEqual([
    'c2',
    'false',
  ]);
  expect(await list('idleOver=1s')).toEqual(['', 'false']);
  for (const query of [
    'client=fe01',
    'client=192.0.2.0/33',
    'vip=x',
    'port=0',
    'idleOver=30',
    'ageOver=-1s',
    'who=me',
  ])
    expect([query, (await ask(`/api/v1/connections?${query}`)).status]).toEqual([query, 400]);
});

test('connections are reset by operators, and never all of them by accident', async () => {
  const { controller, ask } = setUp();
  const reset = (body: string, role: Role = 'operator') =>
    ask('/api/v1/connections/reset', { method: 'POST', headers: JSON_BODY, body, role });
  expect(await (await reset('{"client":"192.0.2.7","realServer":"fe02","idleOver":"200ms"}')).json()).toEqual(
    { reset: 1 },
  );
  expect(await (await reset('{"all":true}')).json()).toEqual({ reset: 2 });
  expect((await reset('{"pool":"ocspool"}', 'viewer')).status).toBe(403);
  for (const body of [
    '',
    '{}',
    '{"all":false}',
    '{"all":true,"pool":"ocspool"}',
    '{"limit":1}',
    '{"client":""}',
    '{"pool":""}',
  ])
    expect([body, (await reset(body)).status]).toEqual([body, 400]);
  expect(controller.asked).toEqual([
    'reset {"realServer":"fe02","client":"192.0.2.7","idleOverMs":200} by api',
    'reset {} by api',
  ]);
});

test('the history, one config of it, and going back', async () => {
  const { controller, ask } = setUp();
  expect(await (await ask('/api/v1/history')).json()).toEqual(controller.history());
  expect(await (await ask('/api/v1/history/2')).json()).toMatchObject({
    number: 2,
    text: 'version: 1 # 2\n',
  });
  for (const number of ['0', '9', 'x', '1e0', '-1', '%2e%2e'])
    expect((await problemOf(await ask(`/api/v1/history/${number}`)))['code']).toMatch(
      /UNKNOWN_CONFIG|NOT_FOUND/,
    );
  const post = (body: string) => ask('/api/v1/rollback', { method: 'POST', headers: JSON_BODY, body });
  expect([(await post('{}')).status, (await post('{"number":2}')).status]).toEqual([200, 200]);
  for (const body of ['', '[]', '{"number":0}', '{"number":"2"}', '{"to":2}'])
    expect((await post(body)).status).toBe(400);
  expect(controller.asked).toEqual(['rollback to the one before by api', 'rollback 2 by api']);
});

test('apply with If-Match is refused when another config runs', async () => {
  const { controller, ask } = setUp();
  const apply = (hash: string) =>
    ask('/api/v1/apply', { method: 'POST', headers: { ...YAML, 'if-match': hash }, body: 'x' });
  expect(await problemOf(await apply('"old"'))).toMatchObject({ status: 412, code: 'CONFIG_CHANGED' });
  expect(controller.asked).toEqual([]);
  expect((await apply('"abc123"')).status).toBe(200);
});

test('a defect answers 500 without its words, and the log has them', async () => {
  const { controller, logged, ask } = setUp();
  controller.planning = () => {
    throw new Error('inner words');
  };
  const response = await ask('/api/v1/plan', { method: 'POST', headers: YAML, body: 'x' });
  const problem = await problemOf(response);
  expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(JSON.stringify(problem)).not.toContain('inner words');
  expect(logged).toMatchObject([{ level: 'error', fields: { path: '/api/v1/plan' } }]);
});

test('requests that are not right are refused with the reason', async () => {
  const { ask } = setUp();
  const cases: readonly [string, RequestInit, number][] = [
    ['/api/v1/status?verbose=1', {}, 400],
    ['/api/v1/connections?limit=-1', {}, 400],
    ['/api/v1/connections?limit=1e99', {}, 400],
    ['/api/v1/connections?sever=fe01', {}, 400],
    ['/api/v1/connections?__proto__=x', {}, 400],
    ['/api/v1/events?recent=many', {}, 400],
    ['/api/v1/status', { method: 'DELETE' }, 405],
    ['/api/v1/plan', {}, 405],
    ['/api/v1/events', { method: 'HEAD' }, 405],
    ['/api/v1/plan', { method: 'POST', body: 'x', headers: { 'content-type': 'image/png' } }, 415],
    ['/api/v1/plan', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1), headers: YAML }, 413],
    ['/api/v1/plan', { method: 'POST', body: new Uint8Array([0xff, 0xfe]), headers: YAML }, 400],
    [
      '/api/v1/servers/ocspool/fe01/admin',
      { method: 'POST', headers: JSON_BODY, body: '{"admin":"off"}' },
      400,
    ],
    ['/api/v1/servers/ocspool/fe01/admin', { method: 'POST', headers: JSON_BODY, body: '{' }, 400],
    [
      '/api/v1/servers/ocspool/fe01/weight',
      { method: 'POST', headers: JSON_BODY, body: '{"weight":65536}' },
      400,
    ],
    [
      '/api/v1/servers/ocspool/fe01/weight',
      { method: 'POST', headers: JSON_BODY, body: '{"weight":1,"x":2}' },
      400,
    ],
    ['/api/v1/servers/%/fe01/weight', { method: 'POST', headers: JSON_BODY, body: '{"weight":1}' }, 404],
  ];
  for (const [path, init, status] of cases) {
    const response = await ask(path, init);
    expect([path, response.status]).toEqual([path, status]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  }
});

test('the probes of a server', async () => {
  const { controller, ask } = setUp();
  const found = await ask('/api/v1/servers/ocspool/fe01/checks', { role: 'viewer' });
  expect(found.status).toBe(200);
  expect(await found.json()).toEqual(controller.checks('ocspool/fe01'));
  const missing = await ask('/api/v1/servers/ocspool/fe09/checks');
  expect(await problemOf(missing)).toMatchObject({ status: 404, code: 'UNKNOWN_SERVER' });
});

import { expect, test } from 'vitest';
import { openApi } from './openapi.ts';
import { ROUTES } from './routes.ts';

const document = openApi('1.2.3') as {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; security?: unknown }>>;
  components: { schemas: Record<string, unknown> };
};

test('describes every route, each under its own operation id', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(ROUTES.map((route) => `${route.method} ${route.path}`).sort());
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((m) => m.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('every reference resolves, and nothing of another generator is left in it', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]);
  expect(references.length).toBeGreaterThan(20);
  for (const name of new Set(references)) expect(document.components.schemas).toHaveProperty(name ?? '');
  expect(text).not.toMatch(/\$defs|\$schema/);
});

test('every component says what it is made of', () => {
  const schemas = Object.entries(document.components.schemas);
  expect(schemas.filter(([, schema]) => Object.hasOwn(schema as object, '$ref'))).toEqual([]);
  expect(document.components.schemas).toHaveProperty('Server.properties.weight.type', 'integer');
});

test('only what is open to all is described as open', () => {
  const open = Object.entries(document.paths).filter(([, methods]) =>
    Object.values(methods).some((method) => method.security !== undefined),
  );
  expect(open.map(([path]) => path)).toEqual(['/healthz']);
});

import { expect, test } from 'vitest';
import { renderApiReference } from '../api/reference.ts';
import { ROUTES } from '../api/routes.ts';
import { ERRORS } from '../lib/errors.ts';
import { renderCliReference } from './reference.ts';

test('the page of the command line has every command with its own options and examples', () => {
  const page = renderCliReference();
  for (const name of ['run', 'config show ⇄', 'drain ⇄', 'weight ⇄'])
    expect(page).toContain(`## poolgate ${name}\n`);
  expect(page).toContain('| `--limit <count>` | show at most so many (default: 1000) |');
  expect(page).toContain('poolgate drain fe01   # before maintenance');
  expect(page.match(/--token-file/g)).toHaveLength(1);
});

test('the page of the API has every request and every code', () => {
  const page = renderApiReference();
  for (const route of ROUTES) expect(page).toContain(`### ${route.method} ${route.path}\n`);
  for (const code of Object.keys(ERRORS)) expect(page).toContain(`| \`${code}\` |`);
});

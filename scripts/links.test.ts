/** That no page sends its reader to a file or a heading that is not there. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = globSync(
  [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'docs/**/*.md',
    'examples/**/*.md',
    'lab/README.md',
    'bench/README.md',
  ],
  { cwd: ROOT },
).toSorted();

/** Relative links of a page, without those in code. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^(```|~~~).*?^\1/gms, '').replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const referenced = [...prose.matchAll(/^\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  return [...inline, ...referenced]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

/** The anchor that GitHub makes of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** Anchors that GitHub makes of the headings; equal ones are numbered. */
function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const prose = markdown.replaceAll(/^(```|~~~).*?^\1/gms, '');
  return new Set(
    [...prose.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((match) => {
      const base = anchor(match[1] ?? '');
      const count = seen.get(base) ?? 0;
      seen.set(base, count + 1);
      return count === 0 ? base : `${base}-${count}`;
    }),
  );
}

/** Why a link leads nowhere; null when it leads somewhere. */
function brokenBecause(page: string, link: string): string | null {
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), decodeURI(path));
  if (!existsSync(target)) return `${link}: there is no ${relative(ROOT, target)}`;
  if (fragment === undefined || !statSync(target).isFile()) return null;
  return anchorsOf(readFileSync(target, 'utf8')).has(fragment) ? null : `${link}: there is no such heading`;
}

describe('links', () => {
  it.each(PAGES)('of %s lead somewhere', (page) => {
    const links = linksOf(readFileSync(join(ROOT, page), 'utf8'));
    expect(links.flatMap((link) => brokenBecause(page, link) ?? [])).toEqual([]);
  });

  it('are found in every page that has some', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(['README.md', 'docs/operate/README.md', 'docs/reference/config.md']),
    );
    expect(linksOf(readFileSync(join(ROOT, 'README.md'), 'utf8'))).toContain('docs/reference/config.md');
  });

  it('are told from code, and broken ones from good ones', () => {
    expect(linksOf('[a](b.md#c) `[d](e.md)` [f](https://x.example)\n```\n[g](h.md)\n```\n[i]: j.md')).toEqual(
      ['b.md#c', 'j.md'],
    );
    expect(brokenBecause('README.md', 'docs/no-such-page.md')).toContain('there is no docs/no-such-page.md');
    expect(brokenBecause('README.md', 'CONTRIBUTING.md#no-such-heading')).toContain('no such heading');
    expect(brokenBecause('README.md', 'CONTRIBUTING.md#where-things-live')).toBeNull();
  });
});

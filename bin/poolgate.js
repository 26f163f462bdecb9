#!/usr/bin/env node
// Finds a Node.js that runs TypeScript directly (24 or newer) and starts src/main.ts with it. Plain JavaScript,
// because the system's own Node may be older; `npm ci` brings a fitting one as node_modules/.bin/node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 24;
// The daemon makes little garbage and lives for months: a small young generation keeps its memory flat. And V8's write
// protection of compiled code loses track of WebAssembly pages when threads come and go ("Check failed:
// jit_page.has_value()", Node.js 18 to 24 on processors with memory protection keys), which ends the process.
const DAEMON_FLAGS = ['--max-semi-space-size=2', '--no-memory-protection-keys'];

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const isDaemon = process.argv[2] === 'run';
const args = [...(isDaemon ? DAEMON_FLAGS : []), main, ...process.argv.slice(2)];

if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
  startWith(bundledNode());
} else if (isDaemon && process.execve) {
  process.execve(process.execPath, [process.execPath, ...args], process.env);
} else {
  process.argv[1] = main;
  await import(main);
}

function bundledNode() {
  const places = ['../node_modules/.bin/node', `../../node-linux-${process.arch}/bin/node`];
  const found = places.map((p) => fileURLToPath(new URL(p, import.meta.url))).find(existsSync);
  if (found) return found;
  process.stderr.write(
    `poolgate: Node.js ${process.version} is too old (24 or newer is needed) and none came with the package.\n` +
      '  hint: run "npm ci" in the package folder: it brings one.\n',
  );
  process.exit(1);
}

/** The child is the program; this process only hands on signals and the exit code. */
function startWith(node) {
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(`poolgate: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

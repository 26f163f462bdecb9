/** The table of all commands, in the order of the help. */
import type { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { checkCommand } from './check.ts';
import type { Cli } from './command.ts';
import { configCommand } from './config.ts';
import { connectionsCommand } from './connections.ts';
import { demoCommand } from './demo.ts';
import { drainCommand } from './drain.ts';
import { eventsCommand } from './events.ts';
import { exportCommand } from './export.ts';
import { firewallCommand } from './firewall.ts';
import { historyCommand } from './history.ts';
import { importCommand } from './import.ts';
import { maintCommand } from './maint.ts';
import { planCommand } from './plan.ts';
import { portsCommand } from './ports.ts';
import { profilesCommand } from './profiles.ts';
import { readyCommand } from './ready.ts';
import { rollbackCommand } from './rollback.ts';
import { rulesCommand } from './rules.ts';
import { runCommand } from './run.ts';
import { serversCommand } from './servers.ts';
import { sourcesCommand } from './sources.ts';
import { statusCommand } from './status.ts';
import { topCommand } from './top/top.ts';
import { versionCommand } from './version.ts';
import { weightCommand } from './weight.ts';

export const COMMANDS: readonly ((cli: Cli) => Command)[] = [
  runCommand,
  demoCommand,
  checkCommand,
  configCommand,
  planCommand,
  applyCommand,
  historyCommand,
  rollbackCommand,
  statusCommand,
  serversCommand,
  connectionsCommand,
  sourcesCommand,
  eventsCommand,
  topCommand,
  drainCommand,
  readyCommand,
  maintCommand,
  weightCommand,
  portsCommand,
  importCommand,
  exportCommand,
  profilesCommand,
  firewallCommand,
  rulesCommand,
  versionCommand,
];

import type { Protocol } from '../../model/effective.ts';
import type { Command, ListedConnection, NumberedSourceUse, NumberSelector, Result } from './commands.ts';
import { CLIENT, CONNECTING, SERVER } from './connections.ts';
import { end } from './ending.ts';
import {
  EPOLLIN,
  errno,
  errorText,
  Memory,
  setOption,
  SHUT_RD,
  SO_REUSEADDR,
  SOL_SOCKET,
  sys,
} from './libc.ts';
import { openListener } from './listeners.ts';
import { ownDescriptorTable } from './own-descriptors.ts';
import { redispatch } from './path.ts';
import { setService } from './set-service.ts';
import { POSITIONS } from './common-state.ts';
import { isOf } from './selecting.ts';
import { formatSockaddr, SOCKADDR_MAX } from './sockaddr.ts';
import {
  addUdpPort,
  endAllFlows,
  endFlowsOfPort,
  endMatchingFlows,
  listFlows,
  stopOpeningFlows,
} from './udp/commands.ts';
import { type ListeningPort, TAG_LISTENER, unwatch, watch, type WorkerState } from './worker-state.ts';

/** Connections that wait to be accepted; the kernel caps it at net.core.somaxconn (listen(2)). */
const BACKLOG = 65_535;

/** Does what the control thread says. @throws Error with the system's words when the system refuses */
export function execute(w: WorkerState, command: Command): Result {
  switch (command.op) {
    case 'own-descriptors':
      ownDescriptorTable();
      return null;
    case 'set-service':
      return setService(w, command);
    case 'remove-service':
      w.services.delete(command.service);
      return null;
    case 'set-address':
      return setAddress(w, command);
    case 'open-port':
      return openPort(w, command);
    case 'update-port':
      return updatePort(w, command.port, command.serverPort);
    case 'serve-port':
      return servePort(w, command.port, command.serving);
    case 'remove-port':
      return removePort(w, command.port);
    case 'reset':
      return reset(w, command.selector);
    case 'source-use':
      return sourceUse(w);
    case 'list':
      return list(w, command.selector, command.limit);
    case 'stop-accepting':
      return stopAccepting(w);
    case 'stop':
      w.table.forEach((slot) => end(w, slot, 'killed'));
      endAllFlows(w);
      w.stopping = true;
      return null;
  }
}

function setAddress(
  w: WorkerState,
  { server, sockaddr, port }: Extract<Command, { op: 'set-address' }>,
): null {
  const memory = new Memory(SOCKADDR_MAX);
  memory.bytes.set(sockaddr);
  w.addresses.set(server, { memory, length: sockaddr.length, family: sockaddr[0] ?? 0, port });
  return null;
}

function openPort(w: WorkerState, { port, address, service }: Extract<Command, { op: 'open-port' }>): null {
  const { protocol, serverPort } = address;
  const opened = { protocol, fd: openListener(address), service, serverPort, serving: false };
  if (protocol === 'udp') {
    addUdpPort(w, port, opened);
    return null;
  }
  w.ports.set(port, opened);
  w.tcpPorts++;
  return null;
}

function servePort(w: WorkerState, id: number, serving: boolean): null {
  const port = w.ports.get(id);
  if (!port || port.fd < 0 || port.protocol === 'udp' || port.serving === serving) return null;
  if (serving) {
    if (sys.listen(port.fd, BACKLOG) < 0) throw listenError(port.fd, errno());
    // Accepted sockets inherit it, and once they are in TIME_WAIT it lets the next start bind the port at once.
    setOption(port.fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!watch(w.epoll, port.fd, EPOLLIN, id, TAG_LISTENER))
      throw new Error(`epoll_ctl: ${errorText(errno())}`);
  } else {
    // The socket leaves the listening state, so that the kernel answers a SYN with a reset, and keeps its address from
    // other programs as long as it does not allow its reuse.
    setOption(port.fd, SOL_SOCKET, SO_REUSEADDR, 0);
    unwatch(w.epoll, port.fd);
    sys.shutdown(port.fd, SHUT_RD);
  }
  port.serving = serving;
  return null;
}

/** Once only: the number may be somebody else's descriptor by the next time. */
function closeListener(port: ListeningPort): void {
  if (port.fd >= 0) sys.close(port.fd);
  port.fd = -1;
  port.serving = false;
}

function updatePort(w: WorkerState, id: number, serverPort: number): null {
  const port = w.ports.get(id);
  if (port) port.serverPort = serverPort;
  return null;
}

function listenError(fd: number, code: number): Error {
  return new Error(`cannot listen on ${socketName(sys.getsockname, fd)}: ${errorText(code)}`);
}

function stopAccepting(w: WorkerState): null {
  for (const port of w.ports.values()) if (port.protocol === 'tcp') closeListener(port);
  stopOpeningFlows(w);
  return null;
}

function removePort(w: WorkerState, id: number): number {
  const port = w.ports.get(id);
  if (!port) return 0;
  closeListener(port);
  const flows = endFlowsOfPort(w, id);
  w.ports.delete(id);
  if (port.protocol === 'tcp') w.tcpPorts--;
  return flows + endAll(w, (slot) => w.table.port[slot] === id);
}

/** What is still connecting to a server that goes is not its connection yet: another server is asked. */
function reset(w: WorkerState, selector: NumberSelector): number {
  if (selector.server !== undefined && selector.slot === undefined) {
    w.table.forEach((slot) => {
      if (w.table.state[slot] === CONNECTING && matches(w, slot, selector)) redispatch(w, slot);
    });
  }
  return endMatchingFlows(w, selector) + endAll(w, (slot) => matches(w, slot, selector));
}

function endAll(w: WorkerState, concerned: (slot: number) => boolean): number {
  let ended = 0;
  w.table.forEach((slot) => {
    if (!concerned(slot)) return;
    end(w, slot, 'killed');
    ended++;
  });
  return ended;
}

function matches({ table, now }: WorkerState, slot: number, s: NumberSelector): boolean {
  const server = table.server[slot] as number;
  return (
    (s.server === undefined || s.server === server) &&
    (s.pool === undefined || (server >= 0 && Math.floor(server / POSITIONS) === s.pool)) &&
    (s.service === undefined || s.service === table.service[slot]) &&
    (s.slot === undefined || s.slot === slot) &&
    (s.generation === undefined || s.generation === table.generation[slot]) &&
    (s.ports === undefined || s.ports.has(table.port[slot] as number)) &&
    !(now - (table.activeAt[slot] as number) <= (s.idleOverMs ?? -1)) &&
    !(now - (table.acceptedAt[slot] as number) <= (s.ageOverMs ?? -1)) &&
    // Last, because the kernel is asked for the address.
    (s.client === undefined ||
      isOf(s.client, socketName(sys.getpeername, table.fd[slot * 2 + CLIENT] as number)))
  );
}

function list(w: WorkerState, selector: NumberSelector, limit: number): ListedConnection[] {
  const { table } = w;
  const found: ListedConnection[] = [];
  table.forEach((slot) => {
    if (found.length >= limit || !matches(w, slot, selector)) return;
    const client = table.fd[slot * 2 + CLIENT] as number;
    const server = table.fd[slot * 2 + SERVER] as number;
    found.push({
      protocol: 'tcp',
      slot,
      generation: table.generation[slot] as number,
      server: table.server[slot] as number,
      service: table.service[slot] as number,
      client: socketName(sys.getpeername, client),
      vip: socketName(sys.getsockname, client),
      source: server < 0 ? '' : socketName(sys.getsockname, server),
      ageMs: Math.round(w.now - (table.acceptedAt[slot] as number)),
      idleMs: Math.round(w.now - (table.activeAt[slot] as number)),
      bytesIn: table.bytes[slot * 2 + CLIENT] as number,
      bytesOut: table.bytes[slot * 2 + SERVER] as number,
    });
  });
  return [...found, ...listFlows(w, selector, limit - found.length)];
}

function sourceUse(w: WorkerState): NumberedSourceUse[] {
  const { table, udp } = w;
  const found = new Map<string, NumberedSourceUse>();
  const count = (protocol: Protocol, source: number, server: number, port: number): void => {
    if (source < 0 || server < 0) return;
    const serverPort = w.addresses.get(server)?.port || (w.ports.get(port)?.serverPort ?? 0);
    const key = `${protocol} ${source} ${server} ${serverPort}`;
    const used = (found.get(key)?.used ?? 0) + 1;
    found.set(key, { protocol, source, server, serverPort, used });
  };
  table.forEach((slot) => count('tcp', table.source[slot]!, table.server[slot]!, table.port[slot]!));
  udp?.flows.forEach((slot) => {
    count('udp', udp.flows.source[slot]!, udp.flows.server[slot]!, udp.flows.port(slot));
  });
  return [...found.values()];
}

const name = new Memory(SOCKADDR_MAX);
const nameLength = new Memory(4);

/** The address of one end of a socket; empty when it is gone already. */
function socketName(ask: (fd: number, address: number, length: number) => number, fd: number): string {
  nameLength.int32[0] = SOCKADDR_MAX;
  if (ask(fd, name.address, nameLength.address) < 0) return '';
  return formatSockaddr(name.bytes);
}

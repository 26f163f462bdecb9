/** Proofs that several acts need: that the load is level, and that a server is filled before the others. */
import { SERVERS, type ServerName } from '../site.ts';
import type { Claim, Stage } from '../stage.ts';
import { until } from '../until.ts';

/** Each server has as many phones, and the balancer counts as many, calls that come and go aside. */
export async function levelAt(stage: Stage, each: number, title: string): Promise<Claim> {
  const phones = () => SERVERS.map(({ name }) => stage.clients.phonesOn(name).length);
  const counted = () => stage.servers.map((server) => server.active);
  const level = () => [...phones(), ...counted()].every((n) => n === each);
  const ok = (await until(level, 3000, stage.signal)) !== null;
  const text = SERVERS.map(({ name }, at) => `${name} ${phones()[at]}`).join(' · ');
  return { title, ok, text: ok ? text : `${text}; the balancer counts ${counted().join(' · ')}` };
}

/** All who sign in meanwhile get this server. */
export async function allTo(stage: Stage, server: ServerName, act: () => Promise<void>): Promise<Claim> {
  const before = new Set(stage.clients.phones);
  await act();
  const made = stage.clients.phones.filter((phone) => !before.has(phone));
  const there = made.filter((phone) => phone.server === server).length;
  const text = `${there} of ${made.length} who signed in went to ${server}`;
  return { title: `${server} is filled first`, ok: made.length > 0 && there === made.length, text };
}

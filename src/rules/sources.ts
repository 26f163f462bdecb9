/** The documents that rules rest on: titles of the catalogue's, and those that name no ports. */
import { titleOf } from '../catalogue/documents.ts';

export { LYNC_2013_BALANCING as LYNC_BALANCER } from '../profiles/documents.ts';

export const REQUIREMENTS = titleOf('requirements');
export const PORTS = titleOf('ocspedia');
export const FIELD = titleOf('weblog');
export const WALKTHROUGH = titleOf('webmux');
export const GUIDE = titleOf('loadbalancerOrg');
export const POLICY = "Microsoft's policy for load balancers of Office Communications Server (dd572360)";
export const IIS_LOOPBACK = 'Microsoft, Configuring IIS to Allow Load Balancer FQDN for Loopback (bb663688)';
export const LYNC_CERTIFICATES =
  'Microsoft, Certificate requirements for internal servers in Lync Server 2013';
export const LYNC_EDGE = titleOf('lync2013Edge');
export const LYNC_PROXY = titleOf('lync2013ReverseProxy');
export const LYNC_DNS = 'Microsoft, DNS load balancing in Lync Server 2013';
export const SFB_BALANCER = 'Microsoft, Load balancing requirements for Skype for Business';
export const SFB_EDGE = titleOf('sfbEdge');
/** What was seen, where documents are silent or contradict each other. */
export const MEASURED = 'measured with HAProxy 2.6 and Kamailio 5.6 between network namespaces';

/** The documents that rules come from, by their titles. */
export const REQUIREMENTS = 'Microsoft, Load Balancers for Office Communications Server 2007 R2';
export const PORTS = 'OCSpedia, Ports and Protocols in OCS 2007 R2';
export const FIELD = 'Undocumented ports for load balancing OCS 2007 R2? (weblog, 2009-07-15)';
export const WALKTHROUGH =
  'Scale to a Load Balanced Enterprise Edition Pool Walkthrough (Microsoft, in the edition of CAI Networks for WebMux)';
export const GUIDE = 'Loadbalancer.org, Microsoft Office Communication Server 2007 R2 Deployment Guide';
export const POLICY = "Microsoft's policy for load balancers of Office Communications Server (dd572360)";
export const IIS_LOOPBACK = 'Microsoft, Configuring IIS to Allow Load Balancer FQDN for Loopback (bb663688)';
export const LYNC_BALANCER = 'Microsoft, Hardware load balancer requirements for Lync Server 2013';
export const LYNC_CERTIFICATES =
  'Microsoft, Certificate requirements for internal servers in Lync Server 2013';
export const LYNC_EDGE =
  'Microsoft, Port summary: scaled consolidated edge with hardware load balancers in Lync Server 2013';
export const LYNC_PROXY = 'Microsoft, Port summary: reverse proxy in Lync Server 2013';
export const LYNC_DNS = 'Microsoft, DNS load balancing in Lync Server 2013';
export const SFB_BALANCER = 'Microsoft, Load balancing requirements for Skype for Business Server';
export const SFB_EDGE = 'Microsoft, Edge Server environmental requirements in Skype for Business Server';
/** What was seen, where documents are silent or contradict each other. */
export const MEASURED = 'measured with HAProxy 2.6 and Kamailio 5.6 between network namespaces';

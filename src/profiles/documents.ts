/** The documents that profiles rest on, by their titles. */

/** Microsoft's list of what a load balancer of an Enterprise pool must do. */
export const OCS_REQUIREMENTS = 'Microsoft, Load Balancers for Office Communications Server 2007 R2';
export const OCS_PORTS = 'OCSpedia, Ports and Protocols in OCS 2007 R2';
/** A field report of 2009 with comments by people who ran such pools. */
export const OCS_FIELD = 'Undocumented ports for load balancing OCS 2007 R2? (weblog, 2009-07-15)';
export const OCS_EDGE = 'Microsoft, Deploy Load Balancers (Office Communications Server 2007 R2, dd441179)';
export const CWA_REQUIREMENTS =
  'Microsoft, Communicator Web Access Load Balancer Requirements (2007 R2 Beta, cc816211)';
export const CWA_AFFINITY =
  'Microsoft, Using a Load Balancer to Increase Capacity and Availability (Communicator Web Access, dd441196)';
export const POLICY = "Microsoft's policy for load balancers of Office Communications Server (dd572360)";

export const LYNC_2010_TABLE = "unifiedit.wordpress.com, 2010-11-22 (a copy of Microsoft's table of ports)";
export const LYNC_2010_KEMP = 'Kemp, Required Services for Front End Pools (Lync 2010)';
export const LYNC_2010_NEXTHOP = 'NextHop, Hardware Load Balancer Requirements for Lync Server 2010';

export const OFFICE_WEB_APPS_PLAN = 'Microsoft, Plan Office Web Apps Server';
export const OFFICE_WEB_APPS_DEPLOY = 'Microsoft, Deploy Office Web Apps Server';

export const LIFECYCLE = 'Microsoft, product lifecycle data';
/** Where no document says anything, and reason must do. */
export const OWN = 'a recommendation of Poolgate';

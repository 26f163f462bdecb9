/** The documents that profiles rest on: titles of the catalogue's, and those that name no ports. */
import { titleOf } from '../catalogue/documents.ts';

/** Microsoft's list of what a load balancer of an Enterprise pool must do. */
export const OCS_REQUIREMENTS = titleOf('requirements');
export const OCS_PORTS = titleOf('ocspedia');
/** A field report of 2009 with comments by people who ran such pools. */
export const OCS_FIELD = titleOf('weblog');
export const OCS_EDGE = titleOf('deployBalancers');
export const CWA_REQUIREMENTS =
  'Microsoft, Communicator Web Access Load Balancer Requirements (2007 R2 Beta, cc816211)';
export const CWA_AFFINITY =
  'Microsoft, Using a Load Balancer to Increase Capacity and Availability (Communicator Web Access, dd441196)';

export const LYNC_2010_TABLE = titleOf('lync2010Copy');
export const LYNC_2010_KEMP = titleOf('kemp');
export const LYNC_2010_NEXTHOP = 'NextHop weblog, Hardware Load Balancer Requirements for Lync Server 2010';
export const LYNC_2013_BALANCING = 'Microsoft, Hardware load balancer requirements for Lync Server 2013';

export const OFFICE_WEB_APPS_PLAN = 'Microsoft, Plan Office Web Apps Server';
export const OFFICE_WEB_APPS_DEPLOY = 'Microsoft, Deploy Office Web Apps Server';

export const LIFECYCLE = 'Microsoft, product lifecycle data';
/** Where no document says anything, and reason must do. */
export const OWN = 'Poolgate, where no document says anything';

/** The port catalogue: every row, product by product. */
import { APPLIANCE_ROWS } from './ocs-2007-r2/appliance.ts';
import { CLIENT_ROWS } from './ocs-2007-r2/clients.ts';
import { CWA_ROWS } from './ocs-2007-r2/cwa.ts';
import { DIRECTOR_ROWS } from './ocs-2007-r2/director.ts';
import { EDGE_BALANCER_ROWS } from './ocs-2007-r2/edge-balancers.ts';
import { EDGE_ROWS } from './ocs-2007-r2/edge.ts';
import { FRONT_END_BALANCER_ROWS, FRONT_END_ROWS } from './ocs-2007-r2/front-end.ts';
import {
  ARCHIVING_ROWS,
  GROUP_CHAT_ROWS,
  MEDIATION_ROWS,
  MONITORING_ROWS,
  REVERSE_PROXY_ROWS,
} from './ocs-2007-r2/servers.ts';
import { BALANCED_DIRECTOR_ROWS, BALANCED_FRONT_END_ROWS } from './lync-and-sfb/balanced.ts';
import { CLIENT_ROWS as FAMILY_CLIENT_ROWS } from './lync-and-sfb/clients.ts';
import {
  EDGE_BALANCER_ROWS as FAMILY_EDGE_BALANCER_ROWS,
  EDGE_ROWS as FAMILY_EDGE_ROWS,
} from './lync-and-sfb/edge.ts';
import {
  FRONT_END_ROWS as FAMILY_FRONT_END_ROWS,
  MEDIATION_ROWS as FAMILY_MEDIATION_ROWS,
  OTHER_SERVER_ROWS,
} from './lync-and-sfb/servers.ts';
import { LYNC_2010_ROWS } from './lync-2010.ts';
import { PRODUCT_NAMES } from './products.ts';
import { ROLE_NAMES } from './roles.ts';
import type { CatalogueRow } from './row.ts';

const ALL: readonly CatalogueRow[] = [
  ...FRONT_END_ROWS,
  ...FRONT_END_BALANCER_ROWS,
  ...CWA_ROWS,
  ...GROUP_CHAT_ROWS,
  ...MONITORING_ROWS,
  ...ARCHIVING_ROWS,
  ...DIRECTOR_ROWS,
  ...MEDIATION_ROWS,
  ...REVERSE_PROXY_ROWS,
  ...EDGE_ROWS,
  ...EDGE_BALANCER_ROWS,
  ...CLIENT_ROWS,
  ...APPLIANCE_ROWS,
  ...LYNC_2010_ROWS,
  ...BALANCED_FRONT_END_ROWS,
  ...FAMILY_FRONT_END_ROWS,
  ...BALANCED_DIRECTOR_ROWS,
  ...FAMILY_MEDIATION_ROWS,
  ...OTHER_SERVER_ROWS,
  ...FAMILY_EDGE_ROWS,
  ...FAMILY_EDGE_BALANCER_ROWS,
  ...FAMILY_CLIENT_ROWS,
];

/** By product, then role, in the order of their tables; within a role as the documents have them. */
export const CATALOGUE: readonly CatalogueRow[] = PRODUCT_NAMES.flatMap((product) =>
  ROLE_NAMES.flatMap((role) => ALL.filter((row) => row.product === product && row.role === role)),
);

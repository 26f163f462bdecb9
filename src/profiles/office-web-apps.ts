/** A farm of Office Web Apps Servers, which show presentations in conferences. */
import { titleOf } from '../catalogue/documents.ts';
import { LYNC_2013_BALANCING, OFFICE_WEB_APPS_DEPLOY, OFFICE_WEB_APPS_PLAN, OWN } from './documents.ts';
import type { Profile } from './profile.ts';

export const officeWebApps: Profile = {
  name: 'office-web-apps/farm',
  title: 'Office Web Apps Server, farm',
  description:
    'Servers that show presentations in conferences of Lync Server 2013 and Skype for Business Server. A client comes back to its ' +
    'server.',
  product: 'office-web-apps',
  options: {},
  ports: [
    {
      port: 443,
      protocol: 'https',
      purpose: 'HTTPS from servers and clients',
      need: 'required',
      source: titleOf('lync2013Ports'),
      persistence: { value: 'source-ip', rule: 'R55', source: `${OFFICE_WEB_APPS_PLAN} (client affinity)` },
    },
  ],
  checks: [
    {
      type: 'https',
      port: 443,
      path: '/hosting/discovery',
      source: `${OFFICE_WEB_APPS_DEPLOY} (the page by which a new farm is tried)`,
    },
  ],
  idleTimeout: {
    value: '30m',
    source: `${LYNC_2013_BALANCING} (web services)`,
  },
  nat: { value: 'full', source: `${OWN}: it works wherever the servers stand` },
  notes: [
    {
      text: 'TLS ends on the servers: each needs the certificate of the name of the farm.',
      source: OFFICE_WEB_APPS_DEPLOY,
    },
  ],
};

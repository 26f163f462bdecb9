/** A farm of Office Web Apps Servers, which show presentations in conferences. */
import { OFFICE_WEB_APPS_DEPLOY, OFFICE_WEB_APPS_PLAN } from './documents.ts';
import type { Profile } from './profile.ts';

const LYNC_PORTS =
  'Microsoft, Lync Server 2013: Ports and protocols for internal servers (Office Web Apps: 443)';

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
      source: LYNC_PORTS,
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
    source: 'Microsoft, Lync Server 2013: Hardware load balancer requirements (web services)',
  },
  nat: { value: 'full', source: 'a recommendation of Poolgate: works wherever the servers stand' },
  notes: [
    {
      text: 'TLS ends on the servers: each needs the certificate of the name of the farm.',
      source: OFFICE_WEB_APPS_DEPLOY,
    },
  ],
};

import type { Profile } from './profile.ts';

/** Says nothing that the schema does not; for pools whose owner wants to say that this is on purpose. */
export const genericTcp: Profile = {
  name: 'generic/tcp',
  title: 'Any TCP service',
  description:
    'Names no ports and no values of its own: each virtual service lists its `ports`, and a server is up when it ' +
    'accepts connections on the first of them.',
  options: {},
  ports: [],
};

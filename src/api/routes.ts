/** The table of all routes. The router, OpenAPI, the reference page and the tests are made from it. */
import { configRoutes } from './routes-config.ts';
import { connectionRoutes } from './routes-connections.ts';
import { historyRoutes } from './routes-history.ts';
import { serverRoutes } from './routes-servers.ts';
import { viewRoutes } from './routes-views.ts';
import type { Route } from './route.ts';

export const ROUTES: readonly Route[] = [
  ...viewRoutes,
  ...connectionRoutes,
  ...serverRoutes,
  ...configRoutes,
  ...historyRoutes,
];

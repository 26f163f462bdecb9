/** What main.ts puts the daemon together from. Apart, so that a command such as `poolgate status` need not load it. */
export { createApi } from './api/app.ts';
export { listenAdmin } from './api/server.ts';
export { createTokens } from './api/tokens.ts';
export { adminToken } from './cli/admin-token.ts';
export { choosePlane } from './cli/choose-plane.ts';
export { parseConfig } from './config/load.ts';
export { planConfig } from './config/plan.ts';
export { missingFor, startKernelPlane, startProxyPlane } from './daemon-plane.ts';
export { createLogger, logEvents, logStarting } from './observe/log.ts';
export { renderMetrics } from './observe/metrics.ts';
export { createController } from './state/create-controller.ts';
export { liveConfigFile } from './state/live-config.ts';

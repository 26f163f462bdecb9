import { dataPlaneContract } from '../dataplane.contract.ts';
import { createProxyPlane } from './plane.ts';

dataPlaneContract('proxy plane', () => createProxyPlane({ workers: 2 }));

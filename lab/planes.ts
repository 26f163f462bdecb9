/** The data planes that scenarios run on. */
export type Plane = 'proxy' | 'kernel';

export const PLANES: readonly Plane[] = ['proxy', 'kernel'];

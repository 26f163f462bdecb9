/** All profiles of Lync Server 2013 and Skype for Business Server, from the table of products. */
import type { Profile } from '../profile.ts';
import { directorDns, directorHlb } from './director.ts';
import { edgeProfiles } from './edge.ts';
import { frontEndDns, frontEndHlb } from './front-end.ts';
import { PRODUCTS } from './product.ts';
import { reverseProxy } from './reverse-proxy.ts';

export const LYNC_AND_SFB: readonly Profile[] = PRODUCTS.flatMap((product) => [
  frontEndHlb(product),
  frontEndDns(product),
  directorHlb(product),
  directorDns(product),
  ...edgeProfiles(product),
  reverseProxy(product),
]);

/** The products that a rule is about. */
import { type Product, PRODUCT_NAMES } from '../../catalogue/products.ts';

export const OCS: readonly Product[] = ['ocs-2007-r2'];
export const LYNC_2013_ON: readonly Product[] = ['lync-2013', 'sfb-2015', 'sfb-2019', 'sfb-se'];
export const LYNC_ON: readonly Product[] = ['lync-2010', ...LYNC_2013_ON];
export const ALL: readonly Product[] = PRODUCT_NAMES;

/** The products of the catalogue, named as profiles are. */
export const PRODUCTS = {
  'ocs-2007-r2': 'Office Communications Server 2007 R2',
  'lync-2010': 'Lync Server 2010 (partial)',
  'lync-2013': 'Lync Server 2013',
  'sfb-2015': 'Skype for Business Server 2015',
  'sfb-2019': 'Skype for Business Server 2019',
  'sfb-se': 'Skype for Business Server Subscription Edition',
} as const;

export type Product = keyof typeof PRODUCTS;

export const PRODUCT_NAMES = Object.keys(PRODUCTS) as readonly Product[];

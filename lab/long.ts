/** Whether the scenarios that have a short and a long form run the long one, as `npm run evidence` has them do. */
export const LONG = process.env['POOLGATE_LAB_LONG'] === '1';

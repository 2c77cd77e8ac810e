/** For tests of other packages: answers of the console against its document. */
export { conformanceTo, conformingFetch } from './conformance.ts';

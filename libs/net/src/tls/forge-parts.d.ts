/** The types of node-forge cover the package as a whole; these are the parts of it that stores need. */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge';
  export = asn1;
}
declare module 'node-forge/lib/rc2.js' {
  import { rc2 } from 'node-forge';
  export = rc2;
}
declare module 'node-forge/lib/util.js' {
  import { util } from 'node-forge';
  export = util;
}

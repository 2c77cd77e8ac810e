/** For tests of other packages: answers of the console against its document, and a real OpenID provider. */
export { conformanceTo, conformingFetch } from './conformance.ts';
export { accountHeader, clientId, clientSecret, startTestProvider } from './oidc-provider.ts';

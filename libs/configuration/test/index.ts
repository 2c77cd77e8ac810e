/** For tests: the Kubernetes API as far as secrets are read from it. */
export * from './kubernetes-api.ts';

/**
 * The AWS side: the targets of an integration, complete reads, changes of keys, the shared budget, and one class per
 * error.
 */
export * from './model.ts';
export * from './model-domains.ts';
export type * from './model-queue.ts';
export * from './model-v2.ts';
export * from './errors.ts';
export { createControlPlane, type ControlPlaneOptions } from './control-plane.ts';
export { awsMetrics } from './metrics.ts';
export { permissionFor, permissions, type Operation } from './permissions.ts';
export { openProbes, type OptInProbe, type ProbeOptions, type Probes, type TargetProbe } from './probe.ts';
export { IdentityUnknown, type CallerIdentity } from './caller-identity.ts';

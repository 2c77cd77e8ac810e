export * from './apim-controller.ts';
export * from './control-client.ts';
export * from './fault-proxy.ts';
export * from './moto.ts';
export * from './tool-probe.ts';

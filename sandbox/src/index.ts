export * from './aws/index.ts';
export * from './apim/index.ts';

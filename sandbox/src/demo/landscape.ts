/**
 * What the demo's AWS has, and the token that its APIM accepts: the same for `npm start` and for the container of the
 * sandbox.
 */
export const demoLandscape = {
  apis: 6,
  stages: 1,
  plans: 3,
  unplanned: 1,
  descriptionsNasty: false,
} as const;
export const integrationId = '5d5a0d6e-6f0b-4b43-9a0b-6e2f3f6d7c11';
export const token = 'sandbox-token';

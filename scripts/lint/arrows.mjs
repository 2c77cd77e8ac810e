/**
 * Which of our packages each package may import: `may` everywhere, `inTests` only in its tests (docs/architecture.md).
 * Everything else is refused. A service never imports another, except that `standalone` and `doctor` import what
 * services export. `sdk` and `sdkInTests`: may it import the AWS SDK?
 * @typedef {{ may: string[], inTests?: string[], sdk?: boolean, sdkInTests?: boolean }} Arrows
 */
const belowServices = ['contracts', 'base', 'net', 'broker', 'configuration', 'service-kit'];

/** By the folder of the package; one that is not here may import everything. @type {Record<string, Arrows>} */
export const arrows = {
  'libs/contracts': { may: [] },
  'libs/base': { may: [] },
  'libs/net': { may: ['contracts', 'base'] },
  'libs/broker': { may: ['contracts', 'base'], inTests: ['net'] },
  'libs/configuration': { may: ['contracts', 'base', 'net', 'broker'] },
  'libs/service-kit': { may: ['contracts', 'base', 'net', 'broker', 'configuration'] },
  'libs/aws-control-plane': { may: ['contracts', 'base', 'net', 'broker', 'configuration'], sdk: true },
  'libs/embedded-broker': { may: ['base'], inTests: ['broker'] },
  'services/gateway-link': { may: belowServices },
  'services/aws-discovery': { may: [...belowServices, 'aws-control-plane'], inTests: ['sandbox'] },
  'services/subscription-manager': { may: [...belowServices, 'aws-control-plane'], inTests: ['sandbox'] },
  'services/console': { may: belowServices },
  'services/doctor': {
    may: [...belowServices, 'aws-control-plane', 'embedded-broker', 'gateway-link'],
    inTests: ['sandbox'],
  },
  'services/standalone': {
    may: [
      ...belowServices,
      'embedded-broker',
      'doctor',
      'gateway-link',
      'aws-discovery',
      'subscription-manager',
      'console',
    ],
  },
  sandbox: { may: ['contracts'], sdkInTests: true },
};

import { describe } from '@jest/globals';
import { probeApimController, probeMoto, requireOrSkip } from './tool-probe.ts';
import type { Describe } from './tool-probe.ts';
import type { Peers } from './world.ts';

/** Scenarios of one theme, declared against these peers. */
export type Theme = (peers: Peers) => void;

/** Plays a theme against peers. Where a peer cannot be started, the suite is skipped; with `CI=true` it fails. */
export function suite(title: string, peers: Peers, theme: Theme): void {
  const names = {
    apim: peers.apim === 'sandbox' ? 'sandbox APIM' : 'real controller',
    aws: peers.aws === 'sandbox' ? 'sandbox AWS' : 'moto behind the fault proxy',
  };
  const fleet = peers.fleet ? `, ${peers.fleet.name}` : '';
  describeFor(peers)(`${title}, on ${names.apim} and ${names.aws}${fleet}`, () => theme(peers));
}

function describeFor({ apim, aws }: Peers): Describe {
  const controller = apim === 'controller' ? probeApimController() : undefined;
  if (controller && (!controller.available || aws === 'sandbox')) {
    return requireOrSkip('the real APIM controller', controller);
  }
  return aws === 'moto' ? requireOrSkip('moto', probeMoto()) : describe;
}

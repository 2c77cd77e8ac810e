import { suite } from '../../support/index.ts';
import { subscriptionScenarios } from '../../interop/scenarios/subscriptions.ts';
import { twoOfThreeNodes } from '../fleets.ts';

suite('subscriptions', { apim: 'sandbox', aws: 'sandbox', fleet: twoOfThreeNodes }, subscriptionScenarios);

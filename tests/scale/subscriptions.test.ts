import { suite } from '../support/index.ts';
import { subscriptionScenarios } from '../interop/scenarios/subscriptions.ts';
import { threeNodes } from './fleets.ts';

suite('subscriptions', { apim: 'sandbox', aws: 'sandbox', fleet: threeNodes }, subscriptionScenarios);

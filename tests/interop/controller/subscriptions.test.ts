import { suite } from '../../support/index.ts';
import { subscriptionScenarios } from '../scenarios/subscriptions.ts';

suite('subscriptions', { apim: 'controller', aws: 'sandbox' }, subscriptionScenarios);

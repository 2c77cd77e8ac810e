import { suite } from '../../support/index.ts';
import { reachScenarios } from '../scenarios/reach.ts';

suite('reach', { apim: 'sandbox', aws: 'sandbox' }, reachScenarios);

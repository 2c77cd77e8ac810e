import { suite } from '../../support/index.ts';
import { reachScenarios } from '../scenarios/reach.ts';

suite('reach', { apim: 'controller', aws: 'moto' }, reachScenarios);

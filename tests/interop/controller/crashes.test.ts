import { suite } from '../../support/index.ts';
import { crashScenarios } from '../scenarios/crashes.ts';

suite('crashes', { apim: 'controller', aws: 'sandbox' }, crashScenarios);

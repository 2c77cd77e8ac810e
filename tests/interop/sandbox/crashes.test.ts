import { suite } from '../../support/index.ts';
import { crashScenarios } from '../scenarios/crashes.ts';

suite('crashes', { apim: 'sandbox', aws: 'sandbox' }, crashScenarios);

import { suite } from '../../support/index.ts';
import { crashScenarios } from '../../interop/scenarios/crashes.ts';
import { twoOfThreeNodes } from '../fleets.ts';

suite('crashes', { apim: 'sandbox', aws: 'sandbox', fleet: twoOfThreeNodes }, crashScenarios);

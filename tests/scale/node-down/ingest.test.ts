import { suite } from '../../support/index.ts';
import { ingestScenarios } from '../../interop/scenarios/ingest.ts';
import { twoOfThreeNodes } from '../fleets.ts';

suite('discovery and ingest', { apim: 'sandbox', aws: 'sandbox', fleet: twoOfThreeNodes }, ingestScenarios);

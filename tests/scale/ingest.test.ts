import { suite } from '../support/index.ts';
import { ingestScenarios } from '../interop/scenarios/ingest.ts';
import { threeNodes } from './fleets.ts';

suite('discovery and ingest', { apim: 'sandbox', aws: 'sandbox', fleet: threeNodes }, ingestScenarios);

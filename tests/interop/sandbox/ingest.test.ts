import { suite } from '../../support/index.ts';
import { ingestScenarios } from '../scenarios/ingest.ts';

suite('discover and ingest', { apim: 'sandbox', aws: 'sandbox' }, ingestScenarios);

import { suite } from '../../support/index.ts';
import { hostileScenarios } from '../scenarios/hostile.ts';

suite('an ingest into a JDBC database', { apim: 'sandbox', aws: 'sandbox' }, hostileScenarios);

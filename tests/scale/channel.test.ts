import { suite } from '../support/index.ts';
import { channelScenarios } from '../interop/scenarios/channel.ts';
import { threeNodes } from './fleets.ts';

suite('the channel', { apim: 'sandbox', aws: 'sandbox', fleet: threeNodes }, channelScenarios);

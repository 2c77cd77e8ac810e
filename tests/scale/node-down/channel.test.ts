import { suite } from '../../support/index.ts';
import { channelScenarios } from '../../interop/scenarios/channel.ts';
import { twoOfThreeNodes } from '../fleets.ts';

suite('the channel', { apim: 'sandbox', aws: 'sandbox', fleet: twoOfThreeNodes }, channelScenarios);

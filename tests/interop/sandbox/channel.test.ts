import { suite } from '../../support/index.ts';
import { channelScenarios } from '../scenarios/channel.ts';

suite('the channel', { apim: 'sandbox', aws: 'sandbox' }, channelScenarios);

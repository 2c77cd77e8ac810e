import { suite } from '../../support/index.ts';
import { channelScenarios } from '../scenarios/channel.ts';

suite('the channel', { apim: 'controller', aws: 'sandbox' }, channelScenarios);

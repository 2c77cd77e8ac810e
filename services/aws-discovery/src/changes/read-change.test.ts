import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readChange } from './read-change.ts';

const account = '123456789012';
const region = 'eu-west-1';
const madeAt = Date.parse('2024-04-17T10:40:58Z');

/** As EventBridge sends it. */
const envelope = (detail: object, more: object = {}) =>
  JSON.stringify({
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.apigateway',
    account,
    time: '2024-04-17T10:40:58Z',
    region,
    resources: [],
    detail: {
      eventVersion: '1.09',
      eventTime: '2024-04-17T10:40:58Z',
      eventSource: 'apigateway.amazonaws.com',
      awsRegion: region,
      recipientAccountId: account,
      readOnly: false,
      ...detail,
    },
    ...more,
  });
const change = (more: object = {}) => ({ kind: 'change', account, region, domain: false, madeAt, ...more });
const stageMade = {
  eventName: 'CreateStage',
  // As CloudTrail records the call of the console.
  requestParameters: {
    restApiId: '67ge356u6d',
    createStageInput: { deploymentId: '6gejpe', stageName: 'new', tracingEnabled: false },
    template: false,
  },
  responseElements: { stageUpdate: { restApiId: '67ge356u6d', stageName: 'new' }, stageName: 'new' },
};

describe('what a call of API Gateway changed', () => {
  test.each([
    ['a stage', stageMade, { apiId: '67ge356u6d' }],
    [
      'a deployment',
      {
        eventName: 'CreateDeployment',
        requestParameters: { restApiId: 'abc123', createDeploymentInput: { stageName: 'prod' } },
      },
      { apiId: 'abc123' },
    ],
    [
      'a stage of an HTTP API',
      {
        eventName: 'CreateStage',
        requestParameters: { stageName: '$default', autoDeploy: true, apiId: 'pxzfkfmjo7' },
      },
      { apiId: 'pxzfkfmjo7' },
    ],
    [
      'a route of an HTTP API, which may deploy itself',
      { eventName: 'UpdateRoute', requestParameters: { apiId: 'h1' } },
      { apiId: 'h1' },
    ],
    [
      'the integration of an HTTP API',
      { eventName: 'CreateIntegration', requestParameters: { apiId: 'h1' } },
      { apiId: 'h1' },
    ],
    [
      'a new REST API',
      { eventName: 'CreateRestApi', requestParameters: {}, responseElements: { id: 'new1' } },
      { apiId: 'new1' },
    ],
    [
      'a new HTTP API',
      { eventName: 'CreateApi', requestParameters: null, responseElements: { apiId: 'new2' } },
      { apiId: 'new2' },
    ],
    ['a usage plan', { eventName: 'UpdateUsagePlan', requestParameters: { usageplanId: 'p1' } }, {}],
    [
      'tags of a stage',
      {
        eventName: 'TagResource',
        requestParameters: { resourceArn: `arn:aws:apigateway:${region}::/restapis/abc123/stages/prod` },
      },
      { apiId: 'abc123' },
    ],
    [
      'tags, with the ARN as it was in the URL',
      {
        eventName: 'UntagResource',
        requestParameters: { resourceArn: `arn%3Aaws-cn%3Aapigateway%3A${region}%3A%3A%2Fapis%2Fh1` },
      },
      { apiId: 'h1' },
    ],
    [
      'a custom domain name',
      { eventName: 'CreateBasePathMapping', requestParameters: { domainName: 'api.example.com' } },
      { domain: true },
    ],
    [
      'an API mapping',
      { eventName: 'CreateApiMapping', requestParameters: { domainName: 'd', apiId: 'h1' } },
      { domain: true, apiId: 'h1' },
    ],
    ['something that AWS has added since', { eventName: 'PublishPortal' }, {}],
    ['an id that is none', { eventName: 'DeleteStage', requestParameters: { restApiId: '../../x' } }, {}],
  ])('%s', (_title, detail, expected) => {
    expect(readChange(envelope(detail))).toEqual(change(expected));
  });

  test.each([
    ['CreateApiKey', {}],
    ['ImportApiKeys', {}],
    ['DeleteApiKey', {}],
    ['CreateUsagePlanKey', {}],
    ['GetRestApis', {}],
    ['FlushStageCache', { requestParameters: { restApiId: 'a' } }],
    ['TestInvokeMethod', { requestParameters: { restApiId: 'a' } }],
    ['PutMethod', { requestParameters: { restApiId: 'a' } }],
    ['PutIntegrationResponse', { requestParameters: { restApiId: 'a' } }],
    ['CreateVpcLink', {}],
    ['CreateStage', { readOnly: true }],
    ['CreateStage', { errorCode: 'BadRequestException', requestParameters: { restApiId: 'a' } }],
  ])('%s %j changes nothing that the catalog has, and shows that changes are heard', (eventName, more) => {
    expect(readChange(envelope({ eventName, ...more }))).toEqual({ kind: 'irrelevant', account, region });
  });

  test('a call of another service shows nothing', () => {
    const eventSource = 's3.amazonaws.com';
    expect(readChange(envelope({ eventName: 'CreateStage', eventSource }))).toEqual({ kind: 'irrelevant' });
  });
});

describe('other wrappings', () => {
  test("CloudTrail's record alone, and an event that went through SNS", () => {
    const { detail } = JSON.parse(envelope(stageMade)) as { detail: object };
    const expected = change({ apiId: '67ge356u6d' });
    expect(readChange(JSON.stringify(detail))).toEqual(expected);
    const notification = { Type: 'Notification', TopicArn: 'arn:x', Message: envelope(stageMade) };
    expect(readChange(JSON.stringify(notification))).toEqual(expected);
  });

  test('a time that is none is left out', () => {
    expect(readChange(envelope({ ...stageMade, eventTime: 'yesterday' }))).not.toHaveProperty('madeAt');
  });
});

describe('what cannot be read', () => {
  test.each([
    ['', 'no JSON object'],
    ['[]', 'no JSON object'],
    ['{"Message":"not JSON"}', 'no eventName'],
    ['{"detail":{"eventName":7}}', 'no eventName'],
    [envelope(stageMade, { account: '12' }), 'no account and region'],
    [envelope(stageMade, { region: 'eu-west-1.evil.example' }), 'no account and region'],
    [envelope({ ...stageMade, padding: 'x'.repeat(1024 * 1024) }), '1049'],
  ])('%.40s', (body, reason) => {
    expect(readChange(body)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  test('no body at all throws, and what is read has the shape of ids', () => {
    const names = fc.constantFrom('detail', 'Message', 'eventName', 'account', 'region', 'requestParameters');
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.oneof(names, fc.string()), fc.jsonValue())
        .map((fields) => envelope({ ...stageMade, ...fields }, fields)),
    );
    fc.assert(
      fc.property(anything, (body) => {
        const read = readChange(body);
        if (read.kind !== 'change') return;
        expect(read.account).toMatch(/^\d{12}$/u);
        expect(read.region).toMatch(/^[a-z\d-]{1,80}$/u);
        expect(read.apiId ?? 'a').toMatch(/^[\da-z]{1,64}$/u);
      }),
    );
  });
});

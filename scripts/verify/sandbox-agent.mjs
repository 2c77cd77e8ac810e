/**
 * The sandbox, and what connects an agent to it: as sandbox/src/demo/landscape.ts and the sandbox's principals have it.
 */

export const integration = '5d5a0d6e-6f0b-4b43-9a0b-6e2f3f6d7c11';

/**
 * The official agent's variables for an agent of the sandbox.
 *
 * @param {{ apim: string | number, aws: string | number }} ports of loopback
 */
export const sandboxEnvironment = ({ apim, aws }) => ({
  gravitee_integration_connector_ws_endpoints_0: `http://127.0.0.1:${apim}`,
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer sandbox-token',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: integration,
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
  gravitee_integration_providers_0_configuration_accessKeyId: 'AKIASANDBOXAGENT0001',
  gravitee_integration_providers_0_configuration_secretAccessKey: 'sandbox-agent-secret-of-no-real-account0',
  gravitee_integration_providers_0_configuration_endpointUrl: `http://127.0.0.1:${aws}`,
});

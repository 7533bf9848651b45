import { expect } from '@jest/globals';
import { createArmClient } from '../../azure/arm-client.ts';
import { ArmError } from '../../azure/arm-error.ts';
import type { ArmClient } from '../../azure/contract.ts';
import { cannedHttp, credential } from './fake-http.ts';

const ENDPOINT = 'https://arm.example:8443/';
export const OP = 'https://arm.example:8443/subscriptions/s/providers/x/operations/1?t=1&c=MII&s=SIGNATURE&h=hash';
export const target = { id: '/subscriptions/s/resourceGroups/rg/providers/P.T/things/one', apiVersion: '2021-05-01' };

export function clientOf(answers: Parameters<typeof cannedHttp>[0], timeoutMs = 2_000) {
  const { httpClient, sent } = cannedHttp(answers);
  const client: ArmClient = createArmClient({
    credential,
    subscriptionId: 's',
    endpoint: ENDPOINT,
    audience: 'https://management.core.windows.net/',
    timeoutMs,
    httpClient,
  });
  return { client, sent };
}

export async function errorOf(call: Promise<unknown>): Promise<ArmError> {
  const error = await call.then(
    () => new Error('did not throw'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ArmError);
  return error as ArmError;
}

import type { AzureAccess } from '../../activities/dependencies.ts';
import type { Target } from '../../contract/steps.ts';
import { createArmClient } from '../../azure/arm-client.ts';
import { getMysqlServer } from '../../azure/mysql-server.ts';
import { cannedHttp, credential, type Canned } from '../azure/fake-http.ts';

const headers = { 'content-type': 'application/json' };

/** Our real clients on a transport that answers from a list: what was asked is in `asked`. */
export function azureCalls(answers: Omit<Canned, 'headers'>[]): { access: AzureAccess; asked: () => string[] } {
  const { httpClient, sent } = cannedHttp(answers.map((answer) => ({ ...answer, headers })));
  const options = {
    credential,
    subscriptionId: 's',
    endpoint: 'https://arm.example',
    audience: 'https://aud/',
    httpClient,
  };
  return {
    access: {
      arm: createArmClient(options),
      from: 'test',
      hold: () => Promise.resolve(),
      cosmosKeys: () => Promise.reject(new Error('not asked for here')),
      mysqlServer: async (target) => ({ properties: { ...(await getMysqlServer({ ...options, target })).properties } }),
    },
    asked: () => sent.map(({ method, url }) => `${method} ${url.replace('https://arm.example', '')}`),
  };
}

export function targetOf(armId: string, apiVersion: string): Target {
  return { ref: { group: 'g', kind: 'K', namespace: 'ns', name: 'n' }, uid: 'u', generation: 1, armId, apiVersion };
}

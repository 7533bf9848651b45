import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { startSimulator } from '../../simulator/start.ts';

it('speaks real TLS, real Entra credentials and the real operation styles, with NODE_EXTRA_CA_CERTS and no code', async () => {
  const simulator = await startSimulator({ timeScale: 0 });
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['test/azure/simulator-client.ts'], {
      timeout: 25_000,
      env: {
        PATH: process.env['PATH'],
        NODE_EXTRA_CA_CERTS: simulator.caFile,
        AZURE_RESOURCE_MANAGER_ENDPOINT: `${simulator.url}/`,
        AZURE_AUTHORITY_HOST: simulator.url,
      },
    });
    const out = JSON.parse(stdout);
    expect(out).toMatchObject({
      group: '201 done',
      storage: '202 location true',
      account: '200 azure-async true',
      workloadIdentity: 200,
      deleted: '202 location true',
    });
    expect(out.accountId).toMatch(/databaseAccounts\/acc$/i);
    const four = ['primaryMasterKey', 'primaryReadonlyMasterKey', 'secondaryMasterKey', 'secondaryReadonlyMasterKey'];
    expect(out.keys.sort()).toEqual(four);
    expect(out.byAction.sort()).toEqual(four);
    expect(out.wrong).toMatchObject({ name: 'ArmError', code: 'AuthenticationFailed' });
    expect(out.wrong.message).toMatch(/^No token from Entra ID at .*AADSTS7000215/);
    for (const gone of ['before', 'after', 'again']) expect(out).not.toHaveProperty(gone);
  } finally {
    await simulator.close();
  }
}, 30_000);

import { expect, it } from '@jest/globals';
import { kubeClientOn } from '../../kube/client.ts';
import { writeOwnedObject } from '../../kube/owned-objects.ts';
import { fakeApi, type Answer } from './fake-api.ts';

it('starts over, and calls nobody the owner, when an object of that name vanished between the refusal and the read', async () => {
  const answer: Answer = (response, { method }) => {
    const reason = method === 'POST' ? 'AlreadyExists' : 'NotFound';
    response.statusCode = method === 'POST' ? 409 : 404;
    response.end(JSON.stringify({ kind: 'Status', reason, code: response.statusCode, message: reason }));
  };
  await using api = await fakeApi({ list: [answer], watch: [answer] });
  const written = writeOwnedObject(kubeClientOn(api.transport), {
    kind: 'Secret',
    namespace: 'n',
    name: 'x',
    data: {},
    owner: { apiVersion: 'g/v1', kind: 'Thing', name: 'o', uid: 'u' },
    writtenBefore: false,
  });
  await expect(written).rejects.toMatchObject({ status: 409 });
});

import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Waits as a reconcile does that waits for its owner, with a slow timer beside it. */
export async function reconcile(): Promise<string> {
  let told = false;
  setHandler(defineSignal('changed'), () => {
    told = true;
  });
  await condition(() => told, '1 day');
  return 'finished by the first release';
}

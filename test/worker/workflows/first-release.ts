import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Waits as a reconcile does that waits for its owner. */
export async function reconcile(): Promise<string> {
  let told = false;
  setHandler(defineSignal('changed'), () => {
    told = true;
  });
  await condition(() => told);
  return 'finished by the first release';
}

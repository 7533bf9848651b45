import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Cannot replay a history of the first release: that one has a timer. */
export async function reconcile(): Promise<string> {
  let told = false;
  setHandler(defineSignal('changed'), () => {
    told = true;
  });
  await condition(() => told);
  return 'finished by the second release';
}

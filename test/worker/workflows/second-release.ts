import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

/** Cannot replay a history of the first release: it begins with a timer. */
export async function reconcile(): Promise<string> {
  let told = false;
  setHandler(defineSignal('changed'), () => {
    told = true;
  });
  await sleep(1);
  await condition(() => told);
  return 'finished by the second release';
}

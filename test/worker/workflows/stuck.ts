import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** What a broken release throws is no failure of the run: it fails the workflow task, which Temporal tries again and again. */
export async function broken(): Promise<void> {
  let told = 0;
  setHandler(defineSignal('changed'), () => {
    told += 1;
  });
  await condition(() => told > 0);
  throw new TypeError('a defect in workflow code');
}

/** Waits as a reconcile does that waits for its owner. */
export async function waiting(): Promise<void> {
  await condition(() => false);
}

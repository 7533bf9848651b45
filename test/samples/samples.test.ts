import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import { connectEnvironment, type TestEnvironment } from '../support/environment.ts';
import { exceptionFor } from './exceptions.ts';
import { installKinds } from './install-kinds.ts';
import { loadSamples } from './load-samples.ts';
import { kindOf, planSamples } from './plan.ts';
import { runPlans, tableOf, type Outcome } from './run-samples.ts';
import { chosenSamples } from './selection.ts';

const kinds = loadKinds();
const all = loadSamples();
const chosen = chosenSamples(
  all.filter((sample) => exceptionFor(sample) === undefined),
  process.env['SAMPLES'],
);
const TIMEOUT_MS = 15 * 60_000;

describe('every sample of ASO becomes Ready as it is', () => {
  let env: TestEnvironment;
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    env = connectEnvironment();
    const plans = planSamples(kinds, all, chosen);
    await installKinds(
      env.stack,
      plans.flatMap(({ samples, borrowed }) => [...samples, ...borrowed]).map((sample) => kindOf(kinds, sample)),
    );
    const done = await runPlans({ env, kinds }, plans, {
      atOnce: 4,
      timeoutMs: 240_000,
      log: (line) => process.stderr.write(`samples: ${line}\n`),
    });
    if (process.env['SAMPLES'] !== undefined) process.stderr.write(`${tableOf(done)}\n`);
    for (const outcome of done) outcomes.set(outcome.file, outcome);
  }, TIMEOUT_MS);
  afterAll(() => {
    env.close();
  });

  it.each(chosen.map(({ file, manifest }) => ({ file, kind: manifest.kind })))('$file: $kind', ({ file }) => {
    expect(outcomes.get(file)).toMatchObject({ fault: undefined });
  });

  it('and so does all that they refer to', () => {
    expect([...outcomes.values()].filter(({ fault }) => fault !== undefined)).toEqual([]);
  });
});

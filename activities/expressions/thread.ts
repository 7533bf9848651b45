/**
 * A thread that checks and evaluates expressions, one task at a time. What it runs is the text of users: it may be
 * terminated at any moment, so it keeps nothing from one task to the next.
 */
import { parentPort } from 'node:worker_threads';
import type { Json, JsonObject } from '../../kinds/contract.ts';
import { Cel, celSelf } from '../../kinds/mapping/cel.ts';
import { CelLimitError } from '../../kinds/mapping/cel-limits.ts';
import { expressionProblemsOf } from '../../kinds/mapping/spec-problems.ts';
import type { Reply, Task } from './task.ts';

function listen(): void {
  const port = parentPort;
  if (port === null) throw new Error('activities/expressions/thread.ts is started as a thread only');
  const send = (reply: Reply): void => port.postMessage(reply);
  const cel = new Cel();
  // The first evaluation compiles the evaluator: that is not the time of a user's expression.
  cel.evaluate('string([1].map(x, x > 0 && "a".matches("a")).size())', { self: celSelf({}), secret: {} });
  port.on('message', (task: Task) => {
    let field = '';
    const next = (name: string): void => {
      field = name;
      send({ type: 'next', field });
    };
    try {
      send(handle(cel, task, next));
    } catch (error) {
      const message = error instanceof Error ? error.message : 'the expression cannot be evaluated';
      send({ type: 'failed', field, message, limit: error instanceof CelLimitError });
    }
  });
  send({ type: 'ready' });
}

function handle(cel: Cel, task: Task, next: (field: string) => void): Reply {
  if (task.type === 'problems') {
    const operatorSpec = JSON.parse(task.operatorSpec) as JsonObject;
    return { type: 'problems', problems: expressionProblemsOf(cel, operatorSpec, next) };
  }
  const self = celSelf(JSON.parse(task.self) as Json);
  const results = task.items.map(({ field, expression, secret }) => {
    next(field);
    return cel.evaluate(expression, secret === undefined ? { self } : { self, secret });
  });
  return { type: 'results', results };
}

listen();

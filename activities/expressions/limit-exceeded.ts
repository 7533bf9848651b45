import { StepError } from '../step-error.ts';

/**
 * The failure of an expression that exceeds a limit.
 * @param exceeded.field the path in `operatorSpec`, or from it
 */
export function limitExceeded({ field, message }: { field: string; message: string }): StepError {
  const path = field.replace(/^operatorSpec\.?/, '');
  const at = path === '' ? 'spec.operatorSpec' : `spec.operatorSpec.${path}`;
  const todo = message.includes(':') ? '' : ': simplify the expression, or let it read less of the resource';
  return new StepError('ExpressionLimitExceeded', `cannot evaluate ${at}: ${message}${todo}`);
}

import type { BodyProblem } from './body-check/body-problems.ts';
import { checkBody } from './body-check/check-body.ts';
import type { Call } from './provider.ts';
import { errorReply, type Reply } from './reply.ts';

/**
 * The 400 for a body that the types do not allow; undefined if the body is accepted or the type is unknown. Azure
 * reports only one problem, and what it cannot deserialise before values that are not allowed. Each service has its own
 * message for those values.
 */
export function refusalOf(call: Call): Reply | undefined {
  const { facts, target, apiVersion, body } = call;
  const problems = checkBody(facts, { armType: target.type, apiVersion, body }) ?? [];
  const malformed = problems.find(({ what }) => what !== 'value');
  if (malformed) return malformedReply(malformed);
  const values = problems.map(({ path }) => path.replace(/^properties\./, ''));
  const [first] = problems;
  if (!first) return undefined;
  if (target.namespace?.toLowerCase() === 'microsoft.storage') {
    const message = `Values for request parameters are invalid: ${values.join(',')}.`;
    return errorReply('storage', 400, 'InvalidValuesForRequestParameters', message);
  }
  const message = `The value of parameter '${first.path}' is invalid: it ${first.problem}.`;
  const error = { code: 'InvalidParameter', message, target: first.path };
  return { status: 400, service: 'generic', body: { error } };
}

function malformedReply({ path, what, problem }: BodyProblem): Reply {
  const [parent, name] = split(path);
  switch (what) {
    case 'missing':
      return path === 'location'
        ? errorReply('gateway', 400, 'LocationRequired', 'The location property is required for this definition.')
        : errorReply('generic', 400, 'MissingRequiredParameter', `Required parameter '${path}' is missing (null).`);
    case 'unknown':
      return unread(
        `Could not find member '${name}' on object of type '${parent}'. Path '${path}', line 1, position 1.`,
      );
    case 'readOnly':
      return unread(`The property '${path}' ${problem}. Path '${path}', line 1, position 1.`);
    default:
      return unread(`Error converting value: it ${problem}. Path '${path}', line 1, position 1.`);
  }
}

function unread(why: string): Reply {
  const message = `The request content was invalid and could not be deserialized: '${why}'.`;
  return errorReply('gateway', 400, 'InvalidRequestContent', message);
}

function split(path: string): [parent: string, name: string] {
  const [name = path, parent = 'ResourceDefinition'] = path.split('.').toReversed();
  return [parent.replace(/\[\d+\]$/, ''), name];
}

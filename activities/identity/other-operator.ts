import { ANNOTATIONS, annotationOf } from '../../kube/annotations.ts';
import type { KubeObject } from '../../kube/contract.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * As in ASO: a resource belongs to the operator whose namespace its annotation `operator-namespace` names. Each
 * operator writes its own with the claim, and leaves a resource alone that names another.
 * @returns a message for the user if the resource belongs to another operator
 */
export function otherOperator(
  { settings }: Pick<Dependencies, 'settings'>,
  object: Pick<KubeObject, 'metadata'>,
): string | undefined {
  const owner = annotationOf(object, 'operatorNamespace');
  if (owner === undefined || owner === settings.operatorNamespace) return undefined;
  return `the operator in namespace "${owner.slice(0, 100)}" manages this resource, by its annotation ${ANNOTATIONS.operatorNamespace.name}; the operator in namespace "${settings.operatorNamespace}" leaves it alone. To hand the resource over, set the annotation to the namespace of the new operator`;
}

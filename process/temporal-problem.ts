/** gRPC status codes. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
/** 1 (cancelled): the SDK's core ends a call so when its deadline has passed. */
const UNREACHABLE: readonly number[] = [1, 4, 8, 14];
const INTERNAL: readonly number[] = [2, 13];

/** Where Temporal is, for messages. */
export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
}

/**
 * Why a call to Temporal failed, and what to do; undefined if it was not the server that failed. The text is our own:
 * an error of the SDK may quote what was sent.
 */
export function temporalProblem(error: unknown, { address, namespace }: TemporalPlace): string | undefined {
  const code = codeOf(error);
  if (code === NOT_FOUND)
    return `the namespace "${namespace}" does not exist at ${address}; create it with "temporal operator namespace create -n ${namespace}", or correct TEMPORAL_NAMESPACE`;
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED)
    return `${address} refuses access to the namespace "${namespace}"; check TEMPORAL_API_KEY or TEMPORAL_TLS_CLIENT_CERT_PATH, and its rights`;
  if (code !== undefined && INTERNAL.includes(code))
    return `${address} answers with an internal error; see the log of the Temporal server`;
  const isUnreachable = code === undefined ? isUnanswered(error) : UNREACHABLE.includes(code);
  if (!isUnreachable) return undefined;
  return `no answer from ${address}; start the Temporal server, or check TEMPORAL_ADDRESS and TEMPORAL_TLS`;
}

/** The gRPC code of an error, or of an error that it was caused by. */
function codeOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'number') return at.code;
  return undefined;
}

/**
 * Of the native connection, which gives no code: nobody listens, or a server or proxy that is just coming up or going
 * away ends the connection. Wrong certificates are a TransportError too, but waiting does not help them.
 */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'TransportError' &&
    ['ConnectError', 'hyper::Error(Io,', 'hyper::Error(Canceled,'].some((text) => error.message.includes(text))
  );
}

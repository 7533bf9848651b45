import { STATUS_CODES } from 'node:http';
import { cleanMessage } from './clean-message.ts';
import type { Json, JsonObject } from './contract.ts';
import type { OwnReason } from './reasons.ts';

export interface ArmErrorFields {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
  /** True when ARM reported that an accepted operation failed, as opposed to a request that did. */
  readonly operationFailed?: boolean;
}

/** The only error that leaves `azure/`. Its message is built by us: no token, no URL, no body. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly operationFailed: boolean;

  constructor(fields: ArmErrorFields) {
    super(fields.message);
    this.status = fields.status;
    this.code = fields.code;
    this.retryAfterMs = fields.retryAfterMs;
    this.requestId = fields.requestId;
    this.operationFailed = fields.operationFailed ?? false;
  }
}

/** An error of the client itself, where ARM has said nothing. */
export function ownError(code: OwnReason, message: string, more: Partial<ArmErrorFields> = {}): ArmError {
  return new ArmError({ status: 0, ...more, code, message });
}

/** True for any JSON object that is not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The error of an ARM body, wrapped in `error` or not: its own code, and its message followed by those of the innermost
 * details.
 */
export function errorOfBody(body: Json | undefined): { code: string | undefined; message: string | undefined } {
  if (!isObject(body)) return { code: undefined, message: undefined };
  const nested = body['error'];
  const error = isObject(nested) ? nested : body;
  const code = text(error['code']);
  const own = text(error['message']);
  const inner = innermost(error).filter((detail) => own === undefined || !own.includes(detail));
  const parts = own === undefined ? inner : [own, ...inner];
  return { code, message: parts.length > 0 ? parts.join(' ') : undefined };
}

/**
 * The ArmError of an HTTP answer that is a refusal. A body that is not ARM's (a proxy's HTML) gives only the status.
 */
export function armErrorOfAnswer(answer: {
  status: number;
  body: Json | undefined;
  retryAfterMs: number | undefined;
  requestId: string | undefined;
  operationFailed?: boolean;
  /** Values that must not be echoed, those of the request. */
  secrets?: readonly string[];
}): ArmError {
  const { code, message } = errorOfBody(answer.body);
  return new ArmError({
    status: answer.status,
    code: codeWord(code) ?? wordOfStatus(answer.status),
    message: cleanMessage(message ?? `Azure answered HTTP ${answer.status} without an explanation.`, answer.secrets),
    retryAfterMs: answer.retryAfterMs,
    requestId: answer.requestId,
    operationFailed: answer.operationFailed ?? false,
  });
}

/**
 * Whatever was thrown, as an ArmError. Nothing of a foreign error's own object is kept: it may hold the request, and
 * that a password.
 */
export function normalizeArmError(error: unknown): ArmError {
  if (error instanceof ArmError) return error;
  const fields = isError(error) ? error : { name: '', message: '' };
  const answer = answerOf(error);
  if (answer !== undefined) return armErrorOfAnswer(answer);
  if (fields.name === 'AbortError' || fields.name === 'TimeoutError') {
    return ownError('RequestTimeout', 'Azure did not answer in time.');
  }
  const code = networkCode(error);
  if (code !== undefined) {
    return new ArmError({ status: 0, code, message: `Azure could not be reached: ${code}.` });
  }
  return ownError('UnknownError', 'The call to Azure failed before it was answered.');
}

/** `Retry-After` as milliseconds: seconds or an HTTP date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function innermost(error: JsonObject): string[] {
  const details = error['details'];
  const list = Array.isArray(details) ? details.filter(isObject) : [];
  const inner = error['innererror'] ?? error['innerError'];
  if (isObject(inner)) list.push(inner);
  return list.flatMap((detail) => {
    const deeper = innermost(detail);
    if (deeper.length > 0) return deeper;
    const message = text(detail['message']);
    const code = text(detail['code']);
    if (message === undefined) return code === undefined ? [] : [code];
    return [code === undefined ? message : `${code}: ${message}`];
  });
}

/** A typed SDK's RestError: only the answer's own text is read, never `details` or the request. */
function answerOf(error: unknown): Parameters<typeof armErrorOfAnswer>[0] | undefined {
  const response = property(error, 'response');
  const status = property(error, 'statusCode') ?? property(response, 'status');
  if (typeof status !== 'number' || status === 0) return undefined;
  const raw = property(response, 'bodyAsText');
  const code = property(error, 'code');
  const message = property(error, 'message');
  const parsed = typeof raw === 'string' ? parseJson(raw) : undefined;
  const headers = property(response, 'headers');
  return {
    status,
    // The TypeSpec SDKs keep no raw body; code and message are then what they took from it.
    body: parsed ?? { ...(typeof code === 'string' && { code }), ...(typeof message === 'string' && { message }) },
    retryAfterMs: retryAfterMs(header(headers, 'retry-after'), Date.now()),
    requestId: header(headers, 'x-ms-request-id'),
  };
}

/** JSON or undefined: an empty or non-JSON body is no error in ARM. */
export function parseJson(raw: string): Json | undefined {
  try {
    return JSON.parse(raw) as Json;
  } catch {
    return undefined;
  }
}

/** The system's word for why a call had no answer, on the error or below it. */
export function networkCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 4; at = property(at, 'cause'), depth++) {
    const code = property(at, 'code');
    // core-rest-pipeline's own word for "the socket failed" hides the reason one level down.
    if (typeof code === 'string' && code !== 'REQUEST_SEND_ERROR' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return undefined;
}

function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null || !('get' in headers)) return undefined;
  const get = headers.get;
  if (typeof get !== 'function') return undefined;
  const value: unknown = get.call(headers, name);
  return typeof value === 'string' ? value : undefined;
}

/** A property of whatever was thrown. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Whether it has the name and message of an error. */
export function isError(value: unknown): value is { name: string; message: string } {
  return typeof property(value, 'name') === 'string' && typeof property(value, 'message') === 'string';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A code becomes a condition's reason and a failure type: one word, or it is none. */
function codeWord(code: string | undefined): string | undefined {
  return code !== undefined && /^[A-Za-z0-9_.-]{1,128}$/.test(code) ? code : undefined;
}

function wordOfStatus(status: number): string {
  return STATUS_CODES[status]?.replace(/\W/g, '') ?? 'UnknownError';
}

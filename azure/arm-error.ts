import { STATUS_CODES } from 'node:http';
import { cleanMessage, hideSecrets } from './clean-message.ts';
import type { Json, JsonObject } from './contract.ts';
import { reasonOf, type OwnReason } from './reasons.ts';

export interface ArmErrorFields {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
  /** True when ARM accepted an operation that failed later; false when it rejected the request. */
  readonly operationFailed?: boolean;
  /** What ARM said, before it was cleaned; absent when the message is the operator's own. */
  readonly quoted?: string | undefined;
}

/** The only error of `azure/`. Its message is built here: it contains no token, URL or body. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly operationFailed: boolean;
  /** Private, so that nothing prints it. */
  readonly #quoted: string | undefined;

  constructor(fields: ArmErrorFields) {
    super(fields.message);
    this.status = fields.status;
    this.code = fields.code;
    this.retryAfterMs = fields.retryAfterMs;
    this.requestId = fields.requestId;
    this.operationFailed = fields.operationFailed ?? false;
    this.#quoted = fields.quoted;
  }

  /** Whether code and message contain text of ARM, which may quote what was sent. */
  get quotes(): boolean {
    return this.#quoted !== undefined;
  }

  /**
   * The error without these values. It is cleaned anew from what ARM said: in the cleaned message a value may already
   * be cut or changed, so that it would not be found.
   */
  hiding(secrets: readonly string[]): ArmError {
    const quoted = this.#quoted;
    if (quoted === undefined) return this;
    const { status, retryAfterMs, requestId, operationFailed } = this;
    const code = codeWithout(secrets, this.code, status);
    const message = quoted === '' ? this.message : cleanMessage(hideSecrets(quoted, secrets));
    return new ArmError({ status, code, message, retryAfterMs, requestId, operationFailed, quoted });
  }

  /** The error without any text of ARM, for when it is not known what may not be shown. */
  withoutText(): ArmError {
    if (!this.quotes) return this;
    const { status, retryAfterMs, requestId, operationFailed } = this;
    const code = reasonOf(this.code) === undefined ? codeOfStatus(status) : this.code;
    const message = `Azure answered HTTP ${status}. Its explanation is not shown, because the Secrets of the spec, whose values it may quote, cannot be read; it is shown when they can.`;
    return new ArmError({ status, retryAfterMs, requestId, operationFailed, code, message });
  }
}

/** An error that this client raises itself, not one from ARM. */
export function ownError(code: OwnReason, message: string, more: Partial<ArmErrorFields> = {}): ArmError {
  return new ArmError({ status: 0, ...more, code, message });
}

/** The error for a caller whose signal aborted. */
export function abortedError(): ArmError {
  const message = 'The operator stopped waiting for Azure: a newer change arrived, or the worker is stopping.';
  return ownError('RequestAborted', message);
}

/** True for any JSON object that is not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Extracts the error of an ARM body, with or without the wrapper `error`: its code, and its message followed by the
 * messages of the innermost details.
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
 * Builds the ArmError for an HTTP error response. When the body is not ARM's (a proxy's HTML), only the status is used.
 */
export function armErrorOfAnswer(answer: {
  status: number;
  body: Json | undefined;
  retryAfterMs: number | undefined;
  requestId: string | undefined;
  operationFailed?: boolean;
  /** Values of the request that the message must not contain. */
  secrets?: readonly string[];
}): ArmError {
  const { code, message } = errorOfBody(answer.body);
  const { secrets = [] } = answer;
  const quoted = message === undefined && code === undefined ? undefined : hideSecrets(message ?? '', secrets);
  return new ArmError({
    status: answer.status,
    code: codeWithout(secrets, validCode(code) ?? codeOfStatus(answer.status), answer.status),
    message: cleanMessage(quoted || `Azure answered HTTP ${answer.status} without an explanation.`),
    quoted,
    retryAfterMs: answer.retryAfterMs,
    requestId: answer.requestId,
    operationFailed: answer.operationFailed ?? false,
  });
}

/**
 * Converts whatever was thrown to an ArmError. It keeps no foreign error object, which may hold the request and with it
 * a password.
 */
export function normalizeArmError(error: unknown): ArmError {
  if (error instanceof ArmError) return error;
  const fields = isError(error) ? error : { name: '', message: '' };
  const answer = answerOf(error);
  if (answer !== undefined) return armErrorOfAnswer(answer);
  if (fields.name === 'AbortError' || fields.name === 'TimeoutError') {
    return ownError('RequestTimeout', 'Azure did not answer within the time limit of the request.');
  }
  const code = networkErrorCode(error);
  if (code !== undefined) {
    return new ArmError({
      status: 0,
      code,
      message: `Cannot reach Azure: ${code}. Check the network between the worker and AZURE_RESOURCE_MANAGER_ENDPOINT.`,
    });
  }
  return ownError('UnknownError', 'The call to Azure failed before an answer arrived.');
}

/** Parses `Retry-After` (seconds or an HTTP date) to milliseconds. */
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

/** Reads the response of a typed SDK's RestError: only the text of the answer, never `details` or the request. */
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
    // The TypeSpec SDKs keep no raw body, but copy code and message from it.
    body: parsed ?? { ...(typeof code === 'string' && { code }), ...(typeof message === 'string' && { message }) },
    retryAfterMs: retryAfterMs(header(headers, 'retry-after'), Date.now()),
    requestId: header(headers, 'x-ms-request-id'),
  };
}

/** Parses JSON; undefined for an empty or other body, which is not an error in ARM. */
export function parseJson(raw: string): Json | undefined {
  try {
    return JSON.parse(raw) as Json;
  } catch {
    return undefined;
  }
}

/** The system's error code for a call without an answer (`ECONNREFUSED`), from the error or its causes. */
export function networkErrorCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 4; at = property(at, 'cause'), depth++) {
    const code = property(at, 'code');
    // core-rest-pipeline's generic code REQUEST_SEND_ERROR hides the system's code in its cause.
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

/** Reads a property of an unknown value. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Whether a value has the name and message of an error. */
export function isError(value: unknown): value is { name: string; message: string } {
  return typeof property(value, 'name') === 'string' && typeof property(value, 'message') === 'string';
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A code becomes a condition's reason and a failure type, so it must be one word. */
function validCode(code: string | undefined): string | undefined {
  return code !== undefined && /^[A-Za-z0-9_.-]{1,128}$/.test(code) ? code : undefined;
}

/** A code is ARM's text as well, and becomes the reason of the condition. */
function codeWithout(secrets: readonly string[], code: string, status: number): string {
  const isKnown = reasonOf(code) !== undefined;
  return isKnown || hideSecrets(code, secrets) === code ? code : codeOfStatus(status);
}

function codeOfStatus(status: number): string {
  return STATUS_CODES[status]?.replace(/\W/g, '') ?? 'UnknownError';
}

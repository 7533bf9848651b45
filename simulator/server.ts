import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { control } from './control.ts';
import { entra } from './entra.ts';
import type { Fault, Faults } from './faults.ts';
import { arm, type SimulatorState } from './gateway.ts';
import { armHeaders } from './headers.ts';
import { jsonOf, type Json } from './json.ts';
import { errorReply, type Reply } from './reply.ts';
import { redacted, withoutSignature, type RequestLog } from './request-log.ts';
import { clientIdOf } from './tokens.ts';

export interface ServerParts {
  readonly state: SimulatorState;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** Handles every request, to the control API, Entra ID or ARM. */
export async function handle(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = Date.now();
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', `https://${request.headers.host ?? 'localhost'}`);
  const text = await bodyOf(request);
  if (url.pathname.startsWith('/_simulator/')) {
    const { status, body } = control(parts.state, parts.faults, parts.log, {
      method,
      url,
      body: jsonOf(text) ?? {},
      now: started,
    });
    send(response, status, { 'content-type': 'application/json' }, body);
    return;
  }
  const form = new URLSearchParams(text);
  const isArm = /^\/(subscriptions|providers)\//i.test(url.pathname);
  const sent: Json = isArm ? (jsonOf(text) ?? {}) : Object.fromEntries(form);
  const fault = parts.faults.take(method, url.pathname + url.search);
  const record = (status: number): void => {
    const subscription = /^\/subscriptions\/([^/]+)/i.exec(url.pathname)?.[1];
    const path = withoutSignature(url.pathname + url.search);
    parts.log.add({ method, path, subscription, status, at: started, ms: Date.now() - started, body: redacted(sent) });
  };
  if (fault !== undefined && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.reset === 'before') {
    record(0);
    request.socket.destroy();
    return;
  }
  if (!isArm && fault?.status === undefined) {
    const answer = entra(parts.state.tokens, { method, path: url.pathname, form, origin: url.origin }) ?? {
      status: 404,
      body: { error: 'not_found' },
    };
    record(answer.status);
    send(
      response,
      answer.status,
      { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' },
      answer.body,
    );
    return;
  }
  const { reply, latencyMs } = answerOf(
    parts,
    { method, url, text, authorization: request.headers.authorization, ifMatch: request.headers['if-match'] },
    fault,
  );
  if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
  if (fault?.reset === 'after') {
    record(0);
    request.socket.destroy();
    return;
  }
  record(reply.status);
  send(response, reply.status, armHeaders(reply, method), reply.body);
}

interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly text: string;
  readonly authorization: string | undefined;
  readonly ifMatch: string | undefined;
}

function answerOf(
  parts: ServerParts,
  received: ReceivedRequest,
  fault: Fault | undefined,
): { readonly reply: Reply; readonly latencyMs: number } {
  if (fault?.status !== undefined && !fault.failOperation)
    return { reply: faultReply(fault, fault.status), latencyMs: 0 };
  const token = /^Bearer (.+)/.exec(received.authorization ?? '')?.[1];
  const unauthorized = unauthorizedReply(parts.state, token);
  if (unauthorized !== undefined) return { reply: unauthorized, latencyMs: 0 };
  const body = jsonOf(received.text);
  if (body === undefined) {
    const message = 'The request content was invalid and could not be deserialized.';
    return { reply: errorReply('gateway', 400, 'InvalidRequestContent', message), latencyMs: 0 };
  }
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(received.url.pathname)?.[1] ?? '';
  const throttled = parts.state.throttle.take({ method: received.method, subscription, now: Date.now() });
  if (throttled?.refusal !== undefined) return { reply: throttled.refusal, latencyMs: 0 };
  const failure = fault?.failOperation === true ? { code: fault.code, message: fault.message } : undefined;
  const { method, url, ifMatch } = received;
  const clientId = clientIdOf(token ?? '');
  const { reply, latencyMs } = arm(parts.state, { method, url, body, now: Date.now(), failure, ifMatch, clientId });
  if (throttled === undefined || reply.service === 'gateway') return { reply, latencyMs };
  return { reply: { ...reply, headers: { ...reply.headers, ...throttled.headers } }, latencyMs };
}

/** The 401 of ARM: no token, or a revoked one. */
function unauthorizedReply({ tokens }: SimulatorState, token: string | undefined): Reply | undefined {
  const revoked = token === undefined ? undefined : tokens.refusalOf(token);
  if (token !== undefined && revoked === undefined) return undefined;
  const [code, message, why] =
    revoked === undefined
      ? [
          'AuthenticationFailed',
          "Authentication failed. The 'Authorization' header is missing.",
          "The authentication failed because of missing 'Authorization' header.",
        ]
      : [revoked, 'The access token expiry UTC time has passed.', 'The access token is expired or revoked.'];
  const challenge = `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="${why}"`;
  return { ...errorReply('gateway', 401, code, message), headers: { 'www-authenticate': challenge } };
}

function faultReply(fault: Fault, status: number): Reply {
  const headers: Record<string, string> = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
  return { ...errorReply('gateway', status, fault.code, fault.message), headers };
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: Json | undefined): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const length: Record<string, string> = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...headers, ...length });
  response.end(text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

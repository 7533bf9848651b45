import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';

export interface Canned {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A transport that answers from a list and keeps what it was sent. */
export function cannedHttp(answers: (Canned | Error | 'hang')[]): { httpClient: HttpClient; sent: PipelineRequest[] } {
  const sent: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      sent.push(request);
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error('one request too many');
      if (answer instanceof Error) throw answer;
      if (answer === 'hang') return new Promise(() => {});
      return {
        request,
        status: answer.status,
        headers: createHttpHeaders(answer.headers ?? {}),
        bodyAsText:
          typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body),
      };
    },
  };
  return { httpClient, sent };
}

export const credential = {
  getToken: async () => ({ token: 'top-secret-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

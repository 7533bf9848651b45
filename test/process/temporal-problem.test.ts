import { describe, expect, it } from '@jest/globals';
import { temporalProblem } from '../../process/temporal-problem.ts';

const PLACE = { address: 'temporal:7233', namespace: 'azure' };
const SECRET = 'hunter2-s3cret';

function grpc(code: number): Error {
  return Object.assign(new Error(SECRET), { code });
}

function transport(message: string): Error {
  return Object.assign(new Error(`tonic::transport::Error(Transport, ${message}) ${SECRET}`), {
    name: 'TransportError',
  });
}

describe('why a call to Temporal failed', () => {
  it.each([
    {
      why: 'the server is down',
      error: transport('ConnectError(ConnectError("tcp connect error"'),
      says: 'TEMPORAL_ADDRESS',
    },
    {
      why: 'a proxy accepts the connection and resets it',
      error: transport('hyper::Error(Io, Kind(ConnectionReset))'),
      says: 'no answer from temporal:7233',
    },
    {
      why: 'or closes it',
      error: transport('hyper::Error(Canceled, "connection closed")'),
      says: 'no answer from temporal:7233',
    },
    { why: 'a call got no answer', error: grpc(14), says: 'no answer from temporal:7233' },
    { why: 'nor in its time', error: grpc(4), says: 'no answer from temporal:7233' },
    { why: 'the namespace is not there yet', error: grpc(5), says: 'temporal operator namespace create -n azure' },
    { why: 'no rights', error: grpc(7), says: 'refuses access to the namespace "azure"' },
    { why: 'no valid key', error: grpc(16), says: 'TEMPORAL_API_KEY' },
    { why: 'its database is down', error: grpc(13), says: 'log of the Temporal server' },
    { why: 'as the cause of another error', error: new Error('x', { cause: grpc(14) }), says: 'no answer' },
  ])('$why: it says what to do, in our own words', ({ error, says }) => {
    const text = temporalProblem(error, PLACE);
    expect(text).toContain(says);
    expect(text).not.toContain(SECRET);
  });

  it.each([
    { why: 'a key that cannot be parsed', error: transport('PrivateKeyParseError') },
    {
      why: 'a server that speaks something else, such as TLS',
      error: transport('hyper::Error(Http2, Error { kind: GoAway(b"", FRAME_SIZE_ERROR, Library) })'),
    },
    { why: 'an address that is none', error: new TypeError('invalid international domain name') },
    { why: 'a defect', error: new RangeError('x') },
  ])('$why: waiting does not help', ({ error }) => {
    expect(temporalProblem(error, PLACE)).toBeUndefined();
  });
});

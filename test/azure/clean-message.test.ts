import { describe, expect, it } from '@jest/globals';
import { cleanMessage, hideSecrets } from '../../azure/clean-message.ts';

const SECRET = 'Päss"w0rd\'<1>&+/=?\\ end';

describe('hideSecrets', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(SECRET))],
    ['in JSON of .NET', '"P\\u00E4ss\\u0022w0rd\\u0027\\u003C1\\u003E\\u0026\\u002B/=?\\\\ end"'],
    ['in JSON of Go', `"Päss\\"w0rd'\\u003c1\\u003e\\u0026+/=?\\\\ end"`],
    ['in JSON of Python', `"P\\u00e4ss\\"w0rd'<1>&+/=?\\\\ end"`],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL, in lower case', encodeURIComponent(SECRET).replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase())],
    ['in a form', new URLSearchParams([['v', SECRET]]).toString()],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('finds a value %s', (_, quoted) => {
    const shown = hideSecrets(`The value ${quoted} is wrong.`, [SECRET]);
    expect(shown).toContain('<hidden>');
    expect(shown).not.toMatch(/ss|w0rd|end|UMOk|[A-Za-z0-9]{20}/);
  });

  it('finds the lines of a value with lines, in whatever way they are joined', () => {
    const key = '-----BEGIN PRIVATE KEY-----\r\nQUJDREVGR0hJSktMTU5PUA==\r\n-----END PRIVATE KEY-----\r\n';
    for (const joined of [
      key,
      key.replaceAll('\r\n', '\n'),
      key.replaceAll('\r\n', ' '),
      key.replaceAll('\r\n', ' | '),
    ])
      expect(hideSecrets(`x ${joined} y`, [key])).not.toContain('QUJD');
  });

  it('hides the longer of two values first: the rest of it would stay visible', () => {
    expect(hideSecrets('is abcdefgh', ['abcd', 'abcdefgh'])).toBe('is <hidden>');
  });

  it('leaves values of less than 4 characters: a message without every "1" says nothing', () => {
    expect(hideSecrets('1 of 10', ['1', '', 'abc'])).toBe('1 of 10');
  });
});

describe('cleanMessage', () => {
  it('hides before it tidies: after that the value would be another one', () => {
    expect(cleanMessage('got a\n b c', ['a\n b'])).toBe('got <hidden> c');
  });
});

import { describe, expect, it } from '@jest/globals';
import { readLogSettings } from '../../process/log.ts';
import { textLine } from '../../process/text-line.ts';

describe('the settings of the log', () => {
  it.each<{ why: string; environment: Record<string, string>; isTerminal: boolean; want: object }>([
    {
      why: 'JSON for whoever collects it',
      environment: {},
      isTerminal: false,
      want: { level: 'info', format: 'json' },
    },
    { why: 'text on a terminal', environment: {}, isTerminal: true, want: { level: 'info', format: 'text' } },
    { why: 'JSON on a terminal too', environment: { LOG_FORMAT: 'json' }, isTerminal: true, want: { format: 'json' } },
    { why: 'text in a file too', environment: { LOG_FORMAT: 'text' }, isTerminal: false, want: { format: 'text' } },
    { why: 'a level', environment: { LOG_LEVEL: 'debug' }, isTerminal: false, want: { level: 'debug' } },
    {
      why: 'an empty variable counts as absent',
      environment: { LOG_LEVEL: '', LOG_FORMAT: '' },
      isTerminal: false,
      want: { level: 'info', format: 'json' },
    },
  ])('$why', ({ environment, isTerminal, want }) => {
    expect(readLogSettings(environment, { isTerminal })).toMatchObject(want);
  });

  it.each([
    ['LOG_LEVEL', 'loud', 'trace, debug, info, warn, error, fatal, silent'],
    ['LOG_LEVEL', 'INFO', 'trace, debug, info, warn, error, fatal, silent'],
    ['LOG_FORMAT', 'pretty', 'json, text'],
  ])('%s=%s is refused, and the error names the words', (name, word, words) => {
    const read = (): unknown => readLogSettings({ [name]: word }, { isTerminal: false });
    expect(read).toThrow(`${name} is "${word}"; it must be one of ${words}`);
  });
});

describe('a line as text', () => {
  const line = (fields: object): string =>
    textLine(JSON.stringify({ level: 'info', time: '2026-11-27T20:00:00.000Z', process: 'worker', ...fields }));

  it('has time, level and message first, then the fields', () => {
    expect(line({ workflowId: 'ResourceGroup.g/n/x', attempt: 2, note: 'two words', msg: 'Ready' })).toBe(
      '2026-11-27T20:00:00.000Z INFO  worker Ready workflowId=ResourceGroup.g/n/x attempt=2 note="two words"\n',
    );
  });

  it.each([
    { why: 'a line break would begin another line', text: 'a\nb', shown: String.raw`a\u000ab` },
    { why: 'an escape sequence would colour the terminal', text: '\u001b[31mred', shown: String.raw`\u001b[31mred` },
    { why: 'so would its form in one character', text: '\u009b31mred', shown: String.raw`\u009b31mred` },
  ])('stays one line of plain text: $why', ({ text, shown }) => {
    const written = line({ note: text, msg: text });
    expect(written).toContain(shown);
    expect(written.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

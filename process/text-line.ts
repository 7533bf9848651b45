/**
 * A line of the log for people: time, level, message, then the fields as `name=value`. A value with spaces stands in
 * quotes. Control characters are escaped: Azure and users write part of what is logged, and a terminal obeys them.
 * @param json a line of JSON as pino writes it
 */
export function textLine(json: string): string {
  const { time, level, process, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const head = [time, String(level).toUpperCase().padEnd(5), process, msg].filter((part) => part !== undefined);
  const named = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  return `${withoutControls([...head, ...named].map(String).join(' '))}\n`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function withoutControls(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

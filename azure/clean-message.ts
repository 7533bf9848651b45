import type { Json } from './contract.ts';

/** Hosts of Microsoft's help pages. Their links help the user and contain no secrets. */
const HELP_HOSTS = new Set([
  'aka.ms',
  'learn.microsoft.com',
  'docs.microsoft.com',
  'go.microsoft.com',
  'azure.microsoft.com',
]);
const MAX_LENGTH = 2000;
const MIN_SECRET_LENGTH = 4;
const SECRET_KEY =
  /password|passphrase|secret|token|connectionstring|privatekey|accesskey|sharedkey|credential|certificate/i;

const HIDDEN = '<hidden>';

/**
 * Removes from a message what must not be in a condition: tokens, URLs except those of help pages, signatures and
 * `secrets`. Also limits its length.
 */
export function cleanMessage(message: string, secrets: readonly string[] = []): string {
  const cleaned = hideSecrets(message, secrets)
    .replace(/\bhttps?:\/\/[^\s'"<>)\]]+/gi, shortUrl)
    .replace(/\bBearer\s+[A-Za-z0-9._~+/=-]+/gi, `Bearer ${HIDDEN}`)
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g, HIDDEN)
    .replace(/\b(sig|signature|AccountKey|SharedAccessKey|password|pwd)=[^\s&;'"]+/gi, `$1=${HIDDEN}`)
    .replace(/\s*\r?\n\s*/g, ' ')
    .trim();
  return cleaned.length > MAX_LENGTH ? `${cleaned.slice(0, MAX_LENGTH)}…` : cleaned;
}

/**
 * Replaces the values in a text, in every form in which an answer may quote them: as they are, escaped for JSON, for a
 * URL, or in base64. Values of less than 4 characters stay: they would match ordinary words.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  // Longest first: replacing a form that is part of another would leave the rest of the longer one visible.
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return forms.reduce((shown, form) => shown.replaceAll(form, HIDDEN), text);
}

/**
 * The forms of a secret value. Of a value with several lines, such as a private key, each long line is one too. Base64
 * of a longer text that contains the value is not found.
 */
export function formsOf(secret: string): string[] {
  if (secret.length < MIN_SECRET_LENGTH) return [];
  const json = JSON.stringify(secret).slice(1, -1);
  // A lone surrogate has no form in a URL.
  const url = encodeURIComponent(secret.toWellFormed());
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const forms = [
    secret,
    secret.trim(),
    json,
    // JSON within JSON.
    JSON.stringify(json).slice(1, -1),
    // Serializers that escape what is not ASCII, and those that escape what HTML gives a meaning, too.
    escaped(secret, /[^ -~]/),
    escaped(secret, /[<>&]/),
    escaped(secret, /[^ -~]|[<>&'"+`]/),
    escaped(secret, /[^ -~]|[<>&'"+`]/).replace(/\\u[0-9a-f]{4}/g, (one) => `\\u${one.slice(2).toUpperCase()}`),
    url,
    url.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(secret, 'utf8').toString('base64url'),
    ...(lines.length > 1 ? [lines.join(' '), lines.join('\n'), ...lines.filter((line) => line.length >= 16)] : []),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

/** The text in JSON, with more characters escaped than JSON demands. */
function escaped(text: string, which: RegExp): string {
  return text
    .split('')
    .map((unit) =>
      which.test(unit) && !/[\n\r\t\b\f]/.test(unit)
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(unit).slice(1, -1),
    )
    .join('');
}

/**
 * The strings in a request body under property names that suggest secrets, such as a password written in the spec
 * itself.
 */
export function secretsOf(body: Json | undefined, under = false): string[] {
  if (typeof body === 'string') return under ? [body] : [];
  if (Array.isArray(body)) return body.flatMap((item) => secretsOf(item, under));
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([key, value]) => secretsOf(value, under || SECRET_KEY.test(key)));
}

function shortUrl(url: string): string {
  const trailing = /[.,;:]+$/.exec(url)?.[0] ?? '';
  const parsed = URL.parse(url.slice(0, url.length - trailing.length));
  if (parsed === null || !HELP_HOSTS.has(parsed.hostname)) return `<url>${trailing}`;
  return `https://${parsed.hostname}${parsed.pathname}${trailing}`;
}

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

/**
 * Removes from a message what must not be in a condition: tokens, URLs except those of help pages, signatures and
 * `secrets`. Also limits its length.
 */
export function cleanMessage(message: string, secrets: readonly string[] = []): string {
  let cleaned = message;
  // Longest first: replacing a secret that is part of another would leave the rest of the longer one visible.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    cleaned = cleaned.replaceAll(secret, '<hidden>');
  }
  cleaned = cleaned
    .replace(/\bhttps?:\/\/[^\s'"<>)\]]+/gi, shortUrl)
    .replace(/\bBearer\s+[A-Za-z0-9._~+/=-]+/gi, 'Bearer <hidden>')
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g, '<hidden>')
    .replace(/\b(sig|signature|AccountKey|SharedAccessKey|password|pwd)=[^\s&;'"]+/gi, '$1=<hidden>')
    .replace(/\s*\r?\n\s*/g, ' ')
    .trim();
  return cleaned.length > MAX_LENGTH ? `${cleaned.slice(0, MAX_LENGTH)}…` : cleaned;
}

/** Selects the secret values that can be replaced in a message. Shorter ones would match ordinary words. */
export function redactable(secrets: readonly string[] = []): string[] {
  return secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
}

/**
 * The strings in a request body under property names that suggest secrets, such as a password written in the spec
 * itself.
 */
export function secretsOf(body: Json | undefined, under = false): string[] {
  if (typeof body === 'string') return under ? redactable([body]) : [];
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

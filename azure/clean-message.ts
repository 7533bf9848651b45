import type { Json } from './contract.ts';

/** Links of Microsoft's own help pages; they tell the user what to do and carry nothing. */
const HELP_HOSTS = new Set([
  'aka.ms',
  'learn.microsoft.com',
  'docs.microsoft.com',
  'go.microsoft.com',
  'azure.microsoft.com',
]);
const LONGEST = 2000;
const SHORTEST = 4;
const SECRET_KEY =
  /password|passphrase|secret|token|connectionstring|privatekey|accesskey|sharedkey|credential|certificate/i;

/**
 * A message fit for a condition: no token, no URL but a help page's, no signature, none of `secrets`, of bounded
 * length.
 */
export function cleanMessage(message: string, secrets: readonly string[] = []): string {
  let cleaned = message;
  // Longest first: a secret that is part of another must not leave the rest of it standing.
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
  return cleaned.length > LONGEST ? `${cleaned.slice(0, LONGEST)}…` : cleaned;
}

/**
 * Of the values that are known to be secret those that can be hidden: shorter ones are words that any message may hold.
 */
export function hiddenIn(secrets: readonly string[] = []): string[] {
  return secrets.filter((secret) => secret.length >= SHORTEST);
}

/**
 * What else ARM must not be quoted with: strings of a request body under keys that speak of secrets, written in the
 * spec itself.
 */
export function secretsOf(body: Json | undefined, under = false): string[] {
  if (typeof body === 'string') return under ? hiddenIn([body]) : [];
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

import type { Json } from '../contract.ts';
import { isObject } from '../json.ts';

/**
 * Names of properties in answers whose value is a credential, although the types do not say so. Names, ids and
 * addresses of secrets are not credentials.
 */
const SECRET_TEXT =
  /(password|passphrase|connectionStrings?|(access|account|shared|primary|secondary|master|admin|query|validation|decryption|private|api)Key|sharedAccessKey|secret|secretValue|sas(Token|Ur[il])|(access|bearer|refresh|app)Token)$/i;
/** These properties name a secret in a key vault and do not contain it. */
const NAME_OF_SECRET = /^akv/;
/** Objects that may not be shown at all. */
const SECRET_OBJECT = /^(accessKeys|protectedSettings)$/i;
/** Signed URLs, connection strings and private keys, under any name. */
const SIGNED =
  /[?&]sig=|SharedAccessSignature|(AccountKey|SharedAccessKey|Password|Pwd)=|-----BEGIN [A-Z ]*PRIVATE KEY/i;

/** A connection string with a placeholder for the password is not a credential. */
const WITHOUT_PASSWORD = /^[\w+]+:\/\/[^@]*<password>@/i;

/** Whether a value must not be shown because of its name. */
export function isSecretMember(name: string, value: Json): boolean {
  if (SECRET_OBJECT.test(name)) return true;
  if (typeof value === 'string' && WITHOUT_PASSWORD.test(value)) return false;
  // `aof-storage-connection-string-0`
  const plain = name.replaceAll(/[-_. ]/g, '').replace(/\d+$/, '');
  return typeof value === 'string' && SECRET_TEXT.test(plain) && !NAME_OF_SECRET.test(plain);
}

/** Whether a value must not be shown because of its content. */
export function isSecretText(value: Json): boolean {
  return typeof value === 'string' && SIGNED.test(value);
}

/** A value of unknown type, without everything that looks like a secret. Undefined if nothing may be shown. */
export function withoutSecrets(value: Json): Json | undefined {
  if (isSecretText(value)) return undefined;
  if (Array.isArray(value)) return value.map(withoutSecrets).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, item]) => {
    const shown = isSecretMember(name, item) ? undefined : withoutSecrets(item);
    return shown === undefined ? [] : [[name, shown] as const];
  });
  return Object.fromEntries(members);
}

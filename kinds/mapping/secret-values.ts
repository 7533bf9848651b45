import type { Json } from '../contract.ts';
import { isObject } from '../json.ts';

/** Names under which Azure answers with what opens something, although the types do not say so. Names of secrets, their ids and addresses are none. */
const SECRET_TEXT =
  /(password|passphrase|connectionStrings?|(access|account|shared|primary|secondary|master|admin|query|validation|decryption|private|api)Key|sharedAccessKey|secret|secretValue|sas(Token|Ur[il])|(access|bearer|refresh|app)Token)$/i;
/** A secret's name in a vault, however it is called. */
const NAME_OF_SECRET = /^akv/;
/** Nothing below these is shown. */
const SECRET_OBJECT = /^(accessKeys|protectedSettings)$/i;
/** Signed URLs, connection strings and private keys, wherever they stand. */
const SIGNED =
  /[?&]sig=|SharedAccessSignature|(AccountKey|SharedAccessKey|Password|Pwd)=|-----BEGIN [A-Z ]*PRIVATE KEY/i;

/** A connection string that leaves the password to whoever uses it opens nothing. */
const WITHOUT_PASSWORD = /^[\w+]+:\/\/[^@]*<password>@/i;

/** Whether a value of that name must not be shown. */
export function isSecretMember(name: string, value: Json): boolean {
  if (SECRET_OBJECT.test(name)) return true;
  if (typeof value === 'string' && WITHOUT_PASSWORD.test(value)) return false;
  // `aof-storage-connection-string-0`
  const plain = name.replaceAll(/[-_. ]/g, '').replace(/\d+$/, '');
  return typeof value === 'string' && SECRET_TEXT.test(plain) && !NAME_OF_SECRET.test(plain);
}

/** Whether a text is a secret by itself. */
export function isSecretText(value: Json): boolean {
  return typeof value === 'string' && SIGNED.test(value);
}

/** A value of which no type knows anything, without what looks like a secret. Undefined where nothing may be shown. */
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

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** The paths of PEM files. */
export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * A new authority and a certificate of it, for a server of these names or for a client, written into `directory`.
 * Another call makes another authority.
 */
export async function makeCertificates(
  directory: string,
  { commonName, names }: { commonName: string; names: readonly string[] },
): Promise<CertificateFiles> {
  const times = { notBeforeDate: new Date(Date.now() - 3_600_000), notAfterDate: new Date(Date.now() + 86_400_000) };
  const common = { keyType: 'ec', algorithm: 'sha256', ...times } as const;
  const authority = await generate([{ name: 'commonName', value: `${commonName} CA` }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const altNames = names.map((value) => ({ type: 2 as const, value }));
  const own = await generate([{ name: 'commonName', value: commonName }], {
    ...common,
    ca: { cert: authority.cert, key: authority.private },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
    ],
  });
  await mkdir(directory, { recursive: true });
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    ca: await write('ca.pem', authority.cert),
    cert: await write('tls.pem', own.cert),
    key: await write('tls.key', own.private),
  };
}

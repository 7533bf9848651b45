import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificates {
  readonly caFile: string;
  readonly caPem: string;
  readonly key: string;
  readonly cert: string;
  /** The directory, if it was created here and must be removed at the end. */
  readonly temporary: string | undefined;
}

const year = 365 * 24 * 3_600_000;

/**
 * The certificate authority of the simulator and a new certificate for localhost. The authority stays in the directory,
 * so that clients can trust the simulator before it starts.
 */
export async function certificatesIn(directory: string | undefined): Promise<Certificates> {
  const folder = directory ?? mkdtempSync(join(tmpdir(), 'arm-simulator-'));
  mkdirSync(folder, { recursive: true });
  const caFile = join(folder, 'ca.crt');
  const keyFile = join(folder, 'ca.key');
  if (!existsSync(caFile) || !existsSync(keyFile)) {
    const authority = await generate([{ name: 'commonName', value: 'ARM simulator CA' }], {
      ...common(),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
      ],
    });
    writeAtomically(keyFile, authority.private);
    writeAtomically(caFile, authority.cert);
  }
  const caPem = readFileSync(caFile, 'utf8');
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common(),
    ca: { cert: caPem, key: readFileSync(keyFile, 'utf8') },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: 'simulator' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return {
    caFile,
    caPem,
    key: server.private,
    cert: server.cert,
    temporary: directory === undefined ? folder : undefined,
  };
}

function common(): { keyType: 'ec'; algorithm: string; notBeforeDate: Date; notAfterDate: Date } {
  const now = Date.now();
  return {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + year),
  };
}

/** Another process that starts at the same time must never read half of the file. */
function writeAtomically(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

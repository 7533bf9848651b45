import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { freePorts } from './free-ports.ts';
import type { ManagedProcess, Processes, ProcessSpec } from './processes.ts';
import { GiveUp, waitUntil } from './wait-until.ts';

type ControlPlanePart = 'etcd' | 'kube-apiserver' | 'kube-controller-manager';

export interface ControlPlane {
  /** The path of a kubeconfig (JSON, which is valid YAML) with all rights. */
  readonly kubeconfig: string;
  readonly server: string;
  /** The pid of the current process of a part. */
  pid(part: ControlPlanePart): number;
  /** Kills a part with SIGKILL. Its data and port are kept. */
  kill(part: ControlPlanePart): Promise<void>;
  /** Kills a part with SIGKILL, starts it again on the same port and data, and waits until the API server is ready. */
  restart(part: ControlPlanePart): Promise<void>;
}

export interface ControlPlaneInput {
  readonly binaries: Binaries;
  readonly directory: string;
  readonly logDirectory: string;
  readonly kubeconfig: string;
  readonly apiserverPort?: number;
  /** A file that gets a line of JSON for each request of a ServiceAccount (audit.k8s.io/v1, level Metadata). */
  readonly auditLog?: string;
}

/**
 * Starts etcd, kube-apiserver and the two controllers that the operator relies on (garbage collection, namespaces): a
 * cluster without nodes.
 */
export async function startControlPlane(processes: Processes, input: ControlPlaneInput): Promise<ControlPlane> {
  mkdirSync(input.directory, { recursive: true });
  const [client = 0, peer = 0, free = 0] = await freePorts(3);
  const apiserverPort = input.apiserverPort ?? free;
  const token = writeCredentials(input.directory);
  const specs = partSpecs(input, { client, peer, apiserver: apiserverPort });
  const server = `https://127.0.0.1:${apiserverPort}`;
  const caFile = join(input.directory, 'certs', 'apiserver.crt');
  const parts = new Map<ControlPlanePart, ManagedProcess>();
  const start = (part: ControlPlanePart): void => {
    parts.set(part, processes.start(specs[part]));
  };

  start('etcd');
  start('kube-apiserver');
  await ready({ server, caFile, parts });
  const kubeconfig = kubeconfigOf({ server, ca: readFileSync(caFile), token });
  writeFileSync(input.kubeconfig, `${JSON.stringify(kubeconfig, null, 2)}\n`, { mode: 0o600 });
  start('kube-controller-manager');

  return {
    kubeconfig: input.kubeconfig,
    server,
    pid: (part) => parts.get(part)?.pid ?? Number.NaN,
    kill: async (part) => {
      await parts.get(part)?.kill('SIGKILL');
    },
    restart: async (part) => {
      await parts.get(part)?.kill('SIGKILL');
      start(part);
      await ready({ server, caFile, parts });
    },
  };
}

/**
 * Writes the token file and the service account keys. Existing ones are kept, so that an existing data directory stays
 * usable.
 */
function writeCredentials(directory: string): string {
  const tokenFile = join(directory, 'tokens.csv');
  if (!existsSync(tokenFile)) {
    const keys = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    writeFileSync(join(directory, 'sa.pub'), keys.publicKey);
    writeFileSync(join(directory, 'sa.key'), keys.privateKey, { mode: 0o600 });
    writeFileSync(tokenFile, `${randomUUID()},admin,admin,"system:masters"\n`, { mode: 0o600 });
  }
  return readFileSync(tokenFile, 'utf8').split(',')[0] ?? '';
}

function partSpecs(
  { binaries, directory, logDirectory, kubeconfig, auditLog }: ControlPlaneInput,
  ports: { client: number; peer: number; apiserver: number },
): Record<ControlPlanePart, ProcessSpec> {
  const clientUrl = `http://127.0.0.1:${ports.client}`;
  const peerUrl = `http://127.0.0.1:${ports.peer}`;
  // SIGKILL, because an API server with an open watch takes 60 s to stop after SIGTERM.
  const common = { stopSignal: 'SIGKILL' } as const;
  const etcd = [
    '--name=default',
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    '--heartbeat-interval=10',
    '--election-timeout=100',
  ];
  const apiserver = [
    `--etcd-servers=${clientUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiserver}`,
    `--cert-dir=${join(directory, 'certs')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-issuer=https://127.0.0.1:${ports.apiserver}/`,
    `--service-account-key-file=${join(directory, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(directory, 'sa.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    ...(auditLog === undefined ? [] : auditFlags(directory, auditLog)),
  ];
  const controllerManager = [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=garbage-collector-controller,namespace-controller',
    '--leader-elect=false',
    '--secure-port=0',
  ];
  const spec = (name: ControlPlanePart, command: string, args: string[]): ProcessSpec => ({
    ...common,
    name,
    command,
    args,
    logFile: join(logDirectory, `${name}.log`),
  });
  return {
    etcd: spec('etcd', binaries.etcd, etcd),
    'kube-apiserver': spec('kube-apiserver', binaries.apiserver, apiserver),
    'kube-controller-manager': spec('kube-controller-manager', binaries.controllerManager, controllerManager),
  };
}

function auditFlags(directory: string, log: string): string[] {
  const file = join(directory, 'audit-policy.json');
  const rules = [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }];
  // Without RequestReceived: a watch is logged when it starts and when it ends.
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
  writeFileSync(file, JSON.stringify(policy));
  return [`--audit-policy-file=${file}`, `--audit-log-path=${log}`];
}

async function ready(input: {
  server: string;
  caFile: string;
  parts: Map<ControlPlanePart, ManagedProcess>;
}): Promise<void> {
  await waitUntil({ what: `kube-apiserver at ${input.server} ready`, timeoutMs: 60_000 }, async () => {
    for (const part of input.parts.values()) {
      if (part.name !== 'kube-controller-manager' && !part.running()) {
        throw new GiveUp(`${part.name} has exited; last lines of ${part.logFile}:\n${part.logTail()}`);
      }
    }
    return (await statusOf(`${input.server}/readyz`, readFileSync(input.caFile))) === 200 ? true : undefined;
  });
}

async function statusOf(url: string, ca: Buffer): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { ca, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 2 s')));
    request.once('error', reject);
  });
}

function kubeconfigOf(input: { server: string; ca: Buffer; token: string }): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'dev', cluster: { server: input.server, 'certificate-authority-data': input.ca.toString('base64') } },
    ],
    users: [{ name: 'admin', user: { token: input.token } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'admin', namespace: 'default' } }],
    'current-context': 'dev',
  };
}

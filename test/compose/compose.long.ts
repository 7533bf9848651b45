import { execFile } from 'node:child_process';
import { cp, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SimulatorControl } from '../../bench/simulator-control.ts';
import { applySamples } from '../../dev/apply-samples.ts';
import { ensureBinaries, type Binaries } from '../../dev/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../dev/control-plane.ts';
import { buildImage } from '../../dev/docker/build-image.ts';
import { ensureComposeImages } from '../../dev/docker/compose-stand-ins.ts';
import { connectDocker, type Docker } from '../../dev/docker/docker.ts';
import { KubeApi } from '../../dev/kube-api.ts';
import { Processes } from '../../dev/processes.ts';
import { ensureCompose, ensureProductionBinaries } from '../../dev/production-binaries.ts';
import { DEV_CREDENTIAL, prepareCluster, startSimulator, type Simulator } from '../../dev/start-operator.ts';
import { waitUntil } from '../../dev/wait-until.ts';
import { forward } from './forward.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROJECT = `operator-compose-test-${process.pid}`;
const GROUP = { apiVersion: 'resources.azure.com/v1api20200601', kind: 'ResourceGroup' } as const;
const ACCOUNT = { apiVersion: 'documentdb.azure.com/v1alpha1api20210515', kind: 'DatabaseAccount' } as const;
const SERVICES = ['postgresql', 'temporal', 'temporal-ui', 'worker', 'watcher'] as const;
const run = promisify(execFile);

/** `npm run test:compose`: needs Docker, as root. The tests build on each other. */
describe('docker-compose.yml', () => {
  const processes = new Processes();
  const closing: (() => void)[] = [];
  let directory: string;
  let docker: Docker;
  let binaries: Binaries;
  let controlPlane: ControlPlane;
  let simulator: Simulator;
  let control: SimulatorControl;
  let api: KubeApi;
  let compose: (...args: string[]) => Promise<string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'operator-compose-'));
    binaries = await ensureBinaries(console.log);
    const production = await ensureProductionBinaries(console.log);
    const program = await ensureCompose(console.log);
    docker = await connectDocker(console.log);
    const image = await buildImage(docker, { log: console.log });
    await ensureComposeImages(docker, { binaries, production, log: console.log });

    const logDirectory = join(directory, 'logs');
    controlPlane = await startControlPlane(processes, {
      binaries,
      directory: join(directory, 'control-plane'),
      logDirectory,
      kubeconfig: join(directory, 'admin.kubeconfig'),
    });
    await prepareCluster({ processes, controlPlane, logDirectory });
    simulator = await startSimulator(processes, {
      directory: join(directory, 'simulator'),
      logDirectory,
      timeScale: 0.05,
    });
    control = new SimulatorControl(simulator, DEV_CREDENTIAL.AZURE_SUBSCRIPTION_ID);
    api = new KubeApi(controlPlane.kubeconfig);

    const [kube, arm] = await Promise.all(
      [controlPlane.server, simulator.url].map((url) => forward(Number(new URL(url).port))),
    );
    closing.push(kube!.close, arm!.close);
    const kubeconfigs = join(directory, 'kubeconfigs');
    const admin = {
      ...process.env,
      KUBECONFIG: controlPlane.kubeconfig,
      PATH: `${dirname(binaries.kubectl)}${delimiter}${process.env['PATH'] ?? ''}`,
      // A name in the certificate of the embedded API server.
      SERVER: `https://kubernetes:${kube!.port}`,
    };
    await run(join(ROOT, 'deploy/compose/make-kubeconfigs.sh'), [kubeconfigs], { env: admin });
    await run(binaries.kubectl, ['apply', '-f', join(ROOT, 'deploy/compose/rights.yaml')], { env: admin });

    await cp(simulator.caFile, join(directory, 'simulator.crt'));
    await chmod(join(directory, 'simulator.crt'), 0o644);
    const override = join(directory, 'override.yaml');
    await writeFile(
      override,
      overrideOf({ ca: join(directory, 'simulator.crt'), url: `https://simulator:${arm!.port}` }),
    );
    compose = async (...args) =>
      await docker.run(
        [
          '--project-name',
          PROJECT,
          '--project-directory',
          ROOT,
          '--file',
          join(ROOT, 'docker-compose.yml'),
          '--file',
          override,
          ...args,
        ],
        {
          program,
          env: {
            ...DEV_CREDENTIAL,
            OPERATOR_VERSION: image.name.split(':')[1] ?? '',
            WORKER_KUBECONFIG: join(kubeconfigs, 'worker'),
            WATCHER_KUBECONFIG: join(kubeconfigs, 'watcher'),
          },
        },
      );
  }, 3_600_000);

  afterAll(async () => {
    await compose?.('down', '--volumes', '--timeout', '5').catch(console.error);
    api?.close();
    for (const close of closing) close();
    await processes.stop(1000);
    await docker?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 180_000);

  const idOf = async (service: string): Promise<string> => (await compose('ps', '--all', '--quiet', service)).trim();
  const inspect = async (service: string, format: string): Promise<string> =>
    (await docker.run(['inspect', '--format', format, await idOf(service)])).trim();
  /** The PUTs of the resource itself. */
  const puts = async (name: string): Promise<number> =>
    (await control.requests()).filter(
      ({ method, path }) => method === 'PUT' && new RegExp(`/${name}(?:\\?|$)`).test(path),
    ).length;

  it('starts everything', async () => {
    await compose('up', '--detach', '--no-build');
    for (const service of SERVICES)
      expect([service, await inspect(service, '{{.State.Running}}')]).toEqual([service, 'true']);
    for (const service of ['temporal-schema', 'temporal-namespace'])
      expect([service, await inspect(service, '{{.State.ExitCode}}')]).toEqual([service, '0']);
  }, 300_000);

  it('gives each process only what it needs', async () => {
    const environment = await inspect('watcher', '{{json .Config.Env}}');
    for (const name of Object.keys(DEV_CREDENTIAL)) expect(environment).not.toContain(name);
    for (const service of ['worker', 'watcher']) {
      expect(await inspect(service, '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.Config.User}}')).toBe(
        'true [ALL] 1000:1000',
      );
      // Not the administrator's kubeconfig: a ServiceAccount's, and of this process.
      const source = "console.log(require('node:fs').readFileSync('/kubeconfig', 'utf8'))";
      const kubeconfig = await compose('exec', '-T', service, 'node', '--eval', source);
      expect(kubeconfig).toContain(`azure-temporal-operator-${service}`);
    }
  }, 60_000);

  it("brings the guide's manifests to Ready", async () => {
    const outcome = await applySamples({ binaries, kubeconfig: controlPlane.kubeconfig }, [simulator.process]);
    expect(outcome).toMatchObject({ ok: true });
    for (const name of ['aso-sample-rg', 'samplemysql', 'sample-db-account'])
      expect([name, await puts(name)]).toEqual([name, 1]);
  }, 330_000);

  it('shows them in the UI', async () => {
    const address = (await compose('port', 'temporal-ui', '8080')).trim();
    const page = await fetch(`http://${address}/api/v1/namespaces/default/workflows`);
    expect(await page.text()).toContain('samplemysql');
  }, 30_000);

  it.each(SERVICES)(
    'heals when %s is killed while Azure works: nothing is lost or sent twice',
    async (service) => {
      const name = `killed-${service}`;
      const apply = async (manifest: Parameters<KubeApi['apply']>[0]): Promise<unknown> => await api.apply(manifest);
      await apply({ ...GROUP, metadata: { name, namespace: 'default' }, spec: { location: 'westus2' } });
      await apply({
        ...ACCOUNT,
        metadata: { name: `${name}-account`, namespace: 'default' },
        spec: {
          location: 'westus2',
          owner: { name },
          databaseAccountOfferType: 'Standard',
          locations: [{ locationName: 'westus2' }],
        },
      });
      await waitUntil({ what: 'a PUT of the account', timeoutMs: 120_000 }, async () =>
        (await puts(`${name}-account`)) > 0 ? true : undefined,
      );
      const before = await inspect(service, '{{.State.StartedAt}}');
      // As a crash: after "docker kill" Docker does not start the container again, since somebody wanted it to end.
      process.kill(Number(await inspect(service, '{{.State.Pid}}')), 'SIGKILL');
      for (const [kind, resource] of [
        [GROUP, name],
        [ACCOUNT, `${name}-account`],
      ] as const) {
        await waitUntil({ what: `${resource} Ready`, timeoutMs: 240_000, intervalMs: 500 }, async () => {
          const live = await api.get({ ...kind, name: resource, namespace: 'default' });
          return live?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
            ? true
            : undefined;
        });
        expect([resource, await puts(resource)]).toEqual([resource, 1]);
      }
      expect(await inspect(service, '{{.State.Running}}')).toBe('true');
      expect(await inspect(service, '{{.State.StartedAt}}')).not.toBe(before);
    },
    420_000,
  );

  it('goes on after everything was taken down and started again', async () => {
    await compose('down', '--timeout', '10');
    await compose('up', '--detach', '--no-build');
    await api.apply({
      ...GROUP,
      metadata: { name: 'after-down', namespace: 'default' },
      spec: { location: 'westus2' },
    });
    await waitUntil({ what: 'after-down Ready', timeoutMs: 240_000, intervalMs: 500 }, async () => {
      const live = await api.get({ ...GROUP, name: 'after-down', namespace: 'default' });
      return live?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
        ? true
        : undefined;
    });
    for (const name of ['aso-sample-rg', 'samplemysql', 'sample-db-account'])
      expect([name, await puts(name)]).toEqual([name, 1]);
  }, 420_000);

  it('leaves nothing behind', async () => {
    await compose('down', '--volumes', '--timeout', '5');
    const label = `label=com.docker.compose.project=${PROJECT}`;
    for (const args of [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ])
      expect(await docker.run([...args, '--quiet', '--filter', label])).toBe('');
  }, 120_000);
});

/** What is different here: Azure is the simulator of this machine, its API server is reached by a name, and ports are free ones. */
function overrideOf({ ca, url }: { ca: string; url: string }): string {
  const hosts = ['kubernetes:host-gateway', 'simulator:host-gateway'];
  return `services:
  worker:
    extra_hosts: ${JSON.stringify(hosts)}
    environment:
      AZURE_RESOURCE_MANAGER_ENDPOINT: ${url}
      AZURE_RESOURCE_MANAGER_AUDIENCE: ${url}
      AZURE_AUTHORITY_HOST: ${url}
      NODE_EXTRA_CA_CERTS: /simulator.crt
    volumes: ['${ca}:/simulator.crt:ro']
  watcher: { extra_hosts: ${JSON.stringify(hosts)} }
  temporal: { ports: !override ['127.0.0.1::7233'] }
  temporal-ui: { ports: !override ['127.0.0.1::8080'] }
`;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binaries } from '../binaries.ts';
import type { ProductionBinaries } from '../production-binaries.ts';
import type { Docker } from './docker.ts';
import { BASE_IMAGE, ensureImage, type StandIn } from './stand-ins.ts';

/** The images of docker-compose.yml beside our own. A test compares them with the file. */
export const COMPOSE_IMAGES = {
  postgres: 'postgres:16',
  server: 'temporalio/server:1.32.0',
  adminTools: 'temporalio/admin-tools:1.32.0',
  ui: 'temporalio/ui:2.54.0',
} as const;

/** Debian's PostgreSQL, with what the tests need of the real image's entry point: the user and its database. */
const POSTGRES_ENTRYPOINT = `#!/bin/sh
set -eu
: "\${POSTGRES_USER:=postgres}"
data=/var/lib/postgresql/data
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
install -d -o postgres -g postgres -m 700 "$data"
install -d -o postgres -g postgres /var/run/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  chown postgres /tmp/password
  as_postgres initdb -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  echo "CREATE DATABASE \\"$POSTGRES_USER\\"" | as_postgres postgres --single -D "$data" postgres
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$data" -c listen_addresses='*'
`;

interface Input {
  readonly binaries: Pick<Binaries, 'temporal'>;
  readonly production: ProductionBinaries;
  readonly log: (line: string) => void;
}

/** Makes the images available that docker-compose.yml names: pulled, or stand-ins. */
export async function ensureComposeImages(docker: Docker, { binaries, production, log }: Input): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'operator-compose-'));
  try {
    const entrypoint = join(scratch, 'entrypoint.sh');
    await writeFile(entrypoint, POSTGRES_ENTRYPOINT, { mode: 0o755 });
    const standIns: Record<keyof typeof COMPOSE_IMAGES, StandIn> = {
      postgres: postgres(entrypoint),
      server: server(production),
      adminTools: adminTools(binaries.temporal, production),
      ui: ui(production),
    };
    for (const key of ['postgres', 'server', 'adminTools', 'ui'] as const)
      await ensureImage(docker, { name: COMPOSE_IMAGES[key], make: () => standIns[key], log });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function postgres(entrypoint: string): StandIn {
  return {
    from: "Debian's PostgreSQL 15",
    files: { 'entrypoint.sh': entrypoint },
    dockerfile: `FROM ${BASE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-15 && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/15
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY entrypoint.sh /entrypoint.sh
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["/entrypoint.sh"]
`,
  };
}

/** As \`docker/targets/server.Dockerfile\` of the server's sources, with the entry point of those sources. */
function server({ server: binary, scripts }: ProductionBinaries): StandIn {
  return {
    from: "Temporal's server, built with Go",
    files: { 'temporal-server': binary, 'entrypoint.sh': join(scripts, 'entrypoint.sh') },
    dockerfile: `FROM ${BASE_IMAGE}
RUN groupadd --gid 1000 temporal && useradd --uid 1000 --gid 1000 temporal && ln -sf bash /bin/sh
COPY temporal-server /usr/local/bin/
COPY entrypoint.sh /etc/temporal/
RUN chmod 755 /etc/temporal/entrypoint.sh
WORKDIR /etc/temporal
USER temporal
CMD ["/etc/temporal/entrypoint.sh"]
`,
  };
}

/** As \`docker/targets/admin-tools.Dockerfile\`, with the tools that the compose file uses. */
function adminTools(cli: string, { sqlTool, schema }: ProductionBinaries): StandIn {
  return {
    from: "Temporal's CLI and temporal-sql-tool, built with Go",
    files: { temporal: cli, 'temporal-sql-tool': sqlTool, schema },
    dockerfile: `FROM ${BASE_IMAGE}
RUN groupadd --gid 1000 temporal && useradd --uid 1000 --gid 1000 temporal
COPY temporal temporal-sql-tool /usr/local/bin/
COPY schema /etc/temporal/schema
USER temporal
CMD ["sh", "-c", "trap exit INT HUP TERM; sleep infinity & wait"]
`,
  };
}

function ui({ uiServer, uiConfig }: ProductionBinaries): StandIn {
  return {
    from: "Temporal's UI server, built with Go",
    files: { 'ui-server': uiServer, 'docker.yaml': join(uiConfig, 'docker.yaml') },
    dockerfile: `FROM ${BASE_IMAGE}
WORKDIR /home/ui-server
RUN groupadd --gid 1000 temporal && useradd --uid 1000 --gid 1000 temporal
COPY ui-server ./
COPY docker.yaml config/
RUN chmod 644 config/docker.yaml
USER temporal
ENTRYPOINT ["./ui-server", "--env", "docker", "start"]
`,
  };
}

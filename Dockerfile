# What is in the image, and how to pin its base images by digest: docs/image.md.
# Debian, not Alpine: Temporal's core needs glibc.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE} AS sources
WORKDIR /operator
COPY activities activities
COPY azure azure
COPY cli cli
COPY contract contract
COPY kinds kinds
COPY kube kube
COPY process process
COPY watcher watcher
COPY worker worker
COPY workflows workflows

FROM ${BASE_IMAGE} AS data
WORKDIR /operator
COPY crds crds
COPY kinds/kinds.json kinds/kinds.json
COPY kinds/facts/types kinds/facts/types
RUN gzip -9 -n crds/*.yaml

FROM ${NODE_IMAGE} AS install
WORKDIR /operator
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && npm sbom --sbom-format=cyclonedx --package-lock-only > sbom.cdx.json \
  && rm -rf node_modules/node-linux-* /root/.npm

# The bundler is needed here only: the image contains the bundle.
FROM install AS bundle
COPY --from=sources /operator ./
RUN node worker/build-bundle.ts /operator/workflow-bundle.js

FROM install AS modules
COPY deploy/image /image
RUN node /image/prune-modules.ts /operator \
  && node -p "require('node:tls').rootCertificates.join('\n')" > /authorities.crt \
  && install -d -o 1000 -g 1000 .cache
# Node's cache of compiled code works for one user id. In the image it belongs to root: nobody else may write code.
USER 1000:1000
RUN node /image/fill-compile-cache.ts packages

FROM modules AS code
USER 0:0
COPY --from=sources /operator ./
RUN node /image/fill-compile-cache.ts code

# From here on in the order in which things change, so that a new release sends only its code.
FROM ${BASE_IMAGE}
WORKDIR /operator
COPY --from=install /usr/local/bin/node /usr/local/bin/node
# The authorities that Node trusts, for Temporal's core, which is not Node.
COPY --from=modules /authorities.crt /etc/ssl/certs/ca-certificates.crt
# Docker keeps the owners of what a stage has made.
COPY --from=modules --chown=0:0 /operator ./
COPY --from=data /operator ./
COPY --from=bundle /operator/workflow-bundle.js ./
COPY --from=code --chown=0:0 /code ./
ENV WORKFLOW_BUNDLE=/operator/workflow-bundle.js NODE_ENV=production MALLOC_ARENA_MAX=1 \
  NODE_COMPILE_CACHE=/operator/.cache HOME=/tmp
# As a number: `runAsNonRoot` refuses a name.
USER 1000:1000
ENTRYPOINT ["node"]
# The watcher takes 1 instead of 4, as in package.json.
CMD ["--max-semi-space-size=4", "worker/main.ts"]

# Debian, not Alpine: Temporal's core needs glibc.
FROM node:24-bookworm-slim AS install
WORKDIR /operator
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund \
  # The base image has Node, and one platform's native core is enough.
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && cd node_modules/@temporalio/core-bridge/releases \
  && keep="$(node -p "({x64: 'x86_64', arm64: 'aarch64'})[process.arch]")-unknown-linux-gnu" \
  && find . -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} +

FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /operator
COPY --from=install /operator/node_modules node_modules
COPY package.json ./
COPY activities activities
COPY azure azure
COPY contract contract
COPY kinds kinds
COPY kube kube
COPY process process
COPY watcher watcher
COPY worker worker
COPY workflows workflows
# Node caches compiled code there, so nobody else may write it.
RUN node worker/build-bundle.ts /operator/workflow-bundle.js && install -d -m 700 -o node .cache
ENV WORKFLOW_BUNDLE=/operator/workflow-bundle.js NODE_ENV=production MALLOC_ARENA_MAX=1 NODE_COMPILE_CACHE=/operator/.cache
# The user `node` of the base image, as a number: `runAsNonRoot` refuses a name.
USER 1000:1000
ENTRYPOINT ["node"]
# The watcher takes 1 instead of 4, as in package.json.
CMD ["--max-semi-space-size=4", "worker/main.ts"]

# The service in a container: docker build -t pastiche . && docker run -p 127.0.0.1:8080:8080 -v pastiche:/data pastiche
# ONNX Runtime's binaries need glibc, which Alpine has not.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev \
  # Binaries of other systems are most of that package.
  && rm -rf node_modules/onnxruntime-node/bin/napi-*/darwin node_modules/onnxruntime-node/bin/napi-*/win32

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/models ./models
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Running jobs save where they stand, and then it ends: give it the time of a step.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/command-line/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--data", "/data"]

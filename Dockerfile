# One image for every role; docker-compose.yml says which one runs. The version is that of the dev dependency `node`.
FROM node:24.21.0-slim

WORKDIR /tributary
ENV NODE_ENV=production TRIBUTARY_GRAPHQL_PAGE=off

COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY apps apps
COPY libs libs
COPY migrations migrations

RUN mkdir /data /keys && chown node:node /data /keys
USER node
VOLUME /data /keys
EXPOSE 6443

CMD ["node", "apps/api/src/main.ts"]

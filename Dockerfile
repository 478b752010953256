# docker build -t vidicon .   (from the checkout; nothing else is needed)
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
RUN cargo build --release --locked -p vidicon

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates ffmpeg postgresql-client tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 999 --home-dir /data --no-create-home vidicon \
    && mkdir /data && chown vidicon /data
COPY --from=build /src/target/release/vidicon /usr/local/bin/vidicon
USER vidicon
VOLUME /data
EXPOSE 9000
ENV VIDICON__SERVER__DATA_DIR=/data VIDICON__SERVER__LISTEN=[::]:9000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["vidicon", "alive"]
STOPSIGNAL SIGTERM
CMD ["vidicon", "serve"]

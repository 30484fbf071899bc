# The app and the worker: one content, two targets. Build from the root of the checkout:
#   docker build -f deploy/app.Dockerfile --target app .

FROM node:20-bookworm-slim AS web
WORKDIR /srv/deskhand/web
COPY web/widget/package.json web/widget/package-lock.json web/widget/.npmrc widget/
COPY web/console/package.json web/console/package-lock.json web/console/.npmrc console/
RUN npm --prefix widget ci && npm --prefix console ci
COPY web/ ./
RUN npm --prefix widget run build && npm --prefix console run build

FROM python:3.11-slim-bookworm AS environment
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_TORCH_BACKEND=cpu
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /srv/deskhand
COPY requirements/ requirements/
RUN uv venv .venv \
    && uv pip install --python .venv/bin/python --no-deps -r requirements/torch.in \
    && uv pip install --python .venv/bin/python --no-deps --require-hashes -r requirements/app.lock
COPY scripts/check_encoder.py scripts/check_encoder.py
RUN .venv/bin/python scripts/check_encoder.py

FROM environment AS program
COPY pyproject.toml setup.py README.md ./
COPY accounts/ accounts/
COPY actions/ actions/
COPY assistant/ assistant/
COPY calendars/ calendars/
COPY channels/ channels/
COPY chat/ chat/
COPY entities/ entities/
COPY handoff/ handoff/
COPY knowledge_base/ knowledge_base/
COPY lookups/ lookups/
COPY server/ server/
COPY tickets/ tickets/
RUN uv pip install --python .venv/bin/python --no-deps --editable . \
    && .venv/bin/python -m compileall -q accounts actions assistant calendars channels chat entities \
        handoff knowledge_base lookups server tickets

FROM python:3.11-slim-bookworm AS base
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent deskhand \
    && install -d -o deskhand -g deskhand -m 0700 /var/lib/deskhand
WORKDIR /srv/deskhand
COPY --from=program /srv/deskhand /srv/deskhand
# A container's own DATA_DIR holds nothing that lasts: in production everything is in the database.
ENV PATH=/srv/deskhand/.venv/bin:$PATH \
    DESKHAND_ENV=production \
    DATA_DIR=/var/lib/deskhand \
    HF_HUB_OFFLINE=1 \
    OMP_NUM_THREADS=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false
USER 10001:10001

FROM base AS app
COPY deploy/app-health.py deploy/
COPY --from=web /srv/deskhand/web/widget/dist web/widget/dist
COPY --from=web /srv/deskhand/web/console/dist web/console/dist
# The internal port is for Rasa on a private network; only the public one is ever published.
ENV HOST=0.0.0.0 PORT=8000 INTERNAL_HOST=0.0.0.0 INTERNAL_PORT=8001 WORKER_IN_APP=false
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/srv/deskhand/deploy/app-health.py"]
CMD ["deskhand", "app"]

FROM base AS worker
# A worker listens nowhere. Its process is the container's first one: when it ends, so does the container.
HEALTHCHECK NONE
CMD ["deskhand", "worker"]

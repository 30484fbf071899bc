# The assistant's engine, and the one-shot training: two targets. Build from the root of the checkout:
#   docker build -f deploy/rasa.Dockerfile --target rasa .

FROM python:3.10-slim-bookworm AS environment
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /srv/deskhand
COPY requirements/bot.lock requirements/bot.lock
RUN uv venv bot/.venv \
    && uv pip install --python bot/.venv/bin/python --no-deps --require-hashes -r requirements/bot.lock

FROM python:3.10-slim-bookworm AS rasa
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent deskhand \
    && install -d -o deskhand -g deskhand -m 0700 /var/lib/deskhand
WORKDIR /srv/deskhand
COPY --from=environment /srv/deskhand/bot/.venv bot/.venv
COPY bot/ bot/
COPY entities/ entities/
COPY deploy/rasa-entrypoint.sh deploy/rasa-health.py deploy/
ENV DATA_DIR=/var/lib/deskhand \
    HF_HUB_OFFLINE=1 \
    OMP_NUM_THREADS=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/srv/deskhand \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false
USER 10001:10001
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
    CMD ["/srv/deskhand/bot/.venv/bin/python", "/srv/deskhand/deploy/rasa-health.py"]
CMD ["/srv/deskhand/deploy/rasa-entrypoint.sh"]

# Training needs both environments: Rasa's, and the app's to publish what came out.
FROM python:3.11-slim-bookworm AS train
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_TORCH_BACKEND=cpu \
    UV_PYTHON_INSTALL_DIR=/opt/python
RUN pip install --no-cache-dir uv==0.13.9 \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent deskhand \
    && install -d -o deskhand -g deskhand -m 0700 /var/lib/deskhand
WORKDIR /srv/deskhand
COPY requirements/ requirements/
RUN uv python install 3.10 \
    && uv venv --python 3.10 bot/.venv \
    && uv pip install --python bot/.venv/bin/python --no-deps --require-hashes -r requirements/bot.lock \
    && uv venv --python 3.11 .venv \
    && uv pip install --python .venv/bin/python --no-deps -r requirements/torch.in \
    && uv pip install --python .venv/bin/python --no-deps --require-hashes -r requirements/app.lock
COPY pyproject.toml setup.py README.md config.yml ./
COPY accounts/ accounts/
COPY actions/ actions/
COPY assistant/ assistant/
COPY bot/ bot/
COPY calendars/ calendars/
COPY channels/ channels/
COPY chat/ chat/
COPY entities/ entities/
COPY handoff/ handoff/
COPY knowledge_base/ knowledge_base/
COPY lookups/ lookups/
COPY server/ server/
COPY tickets/ tickets/
COPY scripts/check_encoder.py scripts/check_encoder.py
RUN uv pip install --python .venv/bin/python --no-deps --editable . \
    && install -d -o deskhand -g deskhand models \
    && bot/.venv/bin/python -m bot.encoder_graph "$(.venv/bin/python scripts/check_encoder.py --folder)" models/encoder
ENV PATH=/srv/deskhand/.venv/bin:$PATH \
    DESKHAND_ENV=production \
    DATA_DIR=/var/lib/deskhand \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false
USER 10001:10001
HEALTHCHECK NONE
CMD ["deskhand", "train"]

# The export as a schedule runs it: docker build -f docker/export.Dockerfile -t interestream-export:0.1.0 .
# Another base (--build-arg BASE=...) is one with Python 3.11 and its venv.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

ENV VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1
# A Debian's own Python takes no packages outside a virtual environment.
RUN python3 -m venv /opt/venv

WORKDIR /opt/interestream
ARG EXTRAS=export,s3,gs
# Where it matters: a build argument with the index of torch's builds without CUDA, a tenth as large.
ARG PIP_EXTRA_INDEX_URL=
COPY docker/requirements.py pyproject.toml constraints.txt ./
RUN python requirements.py "$EXTRAS" > requirements.txt \
 && pip install --constraint constraints.txt -r requirements.txt
COPY README.md LICENSE ./
COPY interestream interestream
COPY jobs jobs
COPY udfs udfs
COPY model_export model_export
COPY sql sql
RUN pip install --constraint constraints.txt --no-deps . \
 && rm -rf ./*

# A volume that is new takes its owner from here.
RUN useradd --uid 10001 --create-home interestream \
 && mkdir -p /data/bundles \
 && chown -R interestream /data
USER 10001
CMD ["python", "-m", "model_export", "--if-changed"]

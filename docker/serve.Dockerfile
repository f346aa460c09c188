# interestream serve alone: no Flink, no Java, no encoder.
# docker build -f docker/serve.Dockerfile -t interestream-serve:0.1.0 .
# Another base (--build-arg BASE=...) is one with Python 3.11 and its venv.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

ENV VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv

WORKDIR /opt/interestream
# kafka is for the lag of topics.
ARG EXTRAS=serve,kafka
COPY docker/requirements.py pyproject.toml constraints.txt ./
RUN python requirements.py "$EXTRAS" > requirements.txt \
 && pip install --constraint constraints.txt -r requirements.txt
COPY README.md LICENSE ./
COPY interestream interestream
COPY jobs jobs
COPY udfs udfs
COPY sql sql
RUN pip install --constraint constraints.txt --no-deps . \
 && rm -rf ./*

# It reads the folders of streams and checkpoints to see their age and their disk.
RUN useradd --uid 10001 --create-home interestream \
 && mkdir -p /data \
 && chown -R interestream /data
USER 10001
CMD ["interestream", "serve", "--set=serve.host=0.0.0.0"]

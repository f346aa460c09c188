# The export as a schedule runs it: docker build -f docker/export.Dockerfile -t interestream-export:0.1.0 .
FROM python:3.11-slim-bookworm

WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY interestream interestream
COPY jobs jobs
COPY udfs udfs
COPY model_export model_export
COPY sql sql
# Where it matters: a build argument with the index of torch's builds without CUDA, a tenth as large.
ARG PIP_EXTRA_INDEX_URL=
RUN pip install --no-cache-dir --constraint constraints.txt '.[export,s3,gs]'

RUN useradd --uid 10001 --create-home interestream
USER 10001
ENV PYTHONUNBUFFERED=1
CMD ["python", "-m", "model_export", "--if-changed"]

# The CPU image: code, data and the pinned TensorFlow. Dockerfile.gpu differs in one line, the
# requirements; a test holds that. Nothing is fetched and nothing is mounted when it runs.
FROM debian:trixie-slim
ARG REQUIREMENTS=requirements/worker.txt

# Python 3.13, Colab's version, and the raw data of two tasks.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      python3 python3-venv dataset-fashion-mnist wordnet-base \
 && rm -rf /var/lib/apt/lists/*

COPY ${REQUIREMENTS} /opt/certbench/requirements.txt
RUN python3 -m venv /opt/certbench/venv \
 && /opt/certbench/venv/bin/pip install --no-cache-dir --require-hashes \
      -r /opt/certbench/requirements.txt

# What users' own files import beside it, in a folder of its own: our tasks never see it, since Keras
# looks for pandas and its import would take longer with it. Matplotlib's list of fonts is made here.
COPY requirements/worker-user.txt /opt/certbench/user.txt
RUN /opt/certbench/venv/bin/pip install --no-cache-dir --require-hashes \
      --prefix /opt/certbench/packages -r /opt/certbench/user.txt \
 && PYTHONPATH=$(echo /opt/certbench/packages/lib/python3.*/site-packages) \
    MPLCONFIGDIR=/opt/certbench/packages/matplotlib \
    /opt/certbench/venv/bin/python -c "import matplotlib.font_manager" \
 && chmod -R a+rX /opt/certbench/packages

WORKDIR /opt/certbench
ENV PATH=/opt/certbench/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    CERTBENCH_DATA=/opt/certbench/data \
    CERTBENCH_PACKAGES=/opt/certbench/packages

# Data before the worker: they change less often. Each digest is checked against the pinned one.
COPY bench/__init__.py bench/
COPY bench/contract bench/contract
COPY tasks tasks
RUN python -m tasks /opt/certbench/data

COPY bench/worker bench/worker
RUN python -m compileall -q bench tasks && chmod -R a+rX bench tasks

USER 10001:10001
ENTRYPOINT ["python", "-m", "bench.worker"]

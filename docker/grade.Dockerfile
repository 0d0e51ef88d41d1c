# Grading in a container, for instructors on macOS and Windows. docs/grading.md has the lines that build and run it.
#   docker build -f docker/grade.Dockerfile -t course-grade .
# The image holds your checkout, solutions and hidden tests included: keep it to yourself.
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap util-linux \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /course
COPY . .
# --build-arg PIP_EXTRA_INDEX_URL=… : the index of PyTorch's CPU builds, where your processor's default build brings CUDA
ARG PIP_EXTRA_INDEX_URL
RUN pip install --no-cache-dir --constraint requirements.lock --editable ".[lab,grade]" \
 && chmod -R a+rX /course

# Nobody's account: what it writes goes to /tmp (memory) and to the class's folder, mounted at /class.
USER 1000:1000
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
CMD ["course", "--help"]

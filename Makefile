# The two commands of the README are `make up` and `make test`; they need Python 3.11+, make and the package
# registry. `uv` is used where it is installed and is otherwise put into .venv with pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UV_VERSION := 0.13.9
CHROMIUM ?= /usr/bin/chromium
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
# Inexact: a uv that lives in .venv must not remove itself. Compiled once here, or each start of a process compiles it
# anew where the environment keeps Python from writing bytecode.
SYNC = $(UV) sync --frozen --inexact --compile-bytecode --python $(if $(filter $(BIN)/uv,$(UV)),$(BIN)/python,$(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help up test quick browser check demo bench faults pictures lock clean-venv

help: ## 列出可用的命令
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/'

up: $(INSTALLED) ## 启动整个系统，按 Ctrl-C 结束
	@exec $(BIN)/choujian up

# Files as they come: sorted by their number of tests, the long ones of few tests would be left to the end.
test: $(INSTALLED) ## 运行测试（真实的 Temporal 和 PostgreSQL）
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not faults and not browser"

quick: $(INSTALLED) ## 只在内存里测试规程和全过程，不到半分钟
	@exec $(BIN)/python -m pytest -q -n 2 tests/law tests/quick tests/test_architecture.py

browser: $(INSTALLED) ## 在真实的 Chromium 里测试公开网站和工作台
	@test -x "$(CHROMIUM)" || { echo "没有找到浏览器 $(CHROMIUM)：请先安装 Chromium（Debian 系：apt-get install chromium），\
	或者用 make browser CHROMIUM=… 指出它在哪里。" >&2; exit 1; }
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -m browser tests/browser

pictures: $(INSTALLED) ## 重新截取 docs/first-hour.md 的图片；系统须在运行，并已演示
	@exec $(BIN)/python docs/pictures/make.py

check: $(INSTALLED) ## 格式、静态检查、类型、架构
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

demo: $(INSTALLED) ## 在正在运行的系统上演示各种结局
	@exec $(BIN)/choujian demo

bench: $(INSTALLED) ## 测量
	@$(SYNC) --quiet --group bench
	@exec $(BIN)/python -m bench

faults: $(INSTALLED) ## 杀死并重启真实的各部分，约四十五分钟
	@exec $(BIN)/python -m pytest -m faults

lock: $(UV) ## 按 pyproject.toml 重新锁定版本
	$(UV) lock --no-config

clean-venv: ## 删除 .venv
	rm -rf $(VENV)

# The stamp is newer than the lock file only after everything was installed, so that a second call does nothing.
$(INSTALLED): pyproject.toml uv.lock | $(UV)
	@$(PYTHON_IS_NEW_ENOUGH)
	@echo "正在安装依赖（第一次需要下载，约一两分钟）…"
	@$(SYNC)
	@touch $@

# Only where uv is not installed on this machine.
$(BIN)/uv:
	@$(PYTHON_IS_NEW_ENOUGH)
	@echo "没有安装 uv，正在把它装进 $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "无法建立 $(VENV)：请先安装 Python 的 venv 组件（Debian 系：apt install python3-venv）。" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --force-reinstall uv==$(UV_VERSION)

define PYTHON_IS_NEW_ENOUGH
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "需要 Python 3.11 或更新的版本，这里的 $(PYTHON) 是 $$($(PYTHON) -V 2>&1)。可以指定：make PYTHON=python3.12 …" >&2; \
	exit 1; }
endef

"""A certificate of every kind, kept as it was made out of a played batch: what needs no batch begins here.

Once a certificate says more than these do, keep them anew: ``CHOUJIAN_KEEP_CERTIFICATES=1 python -m pytest
tests/procedure/test_certificates.py``.
"""

import gzip
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_FOLDER = Path(__file__).parent / "certificates"
KINDS = sorted(file.name.removesuffix(".json.gz") for file in _FOLDER.glob("*.json.gz"))
# What a digest covers as a whole, whatever it says.
_DIGESTED = {"text", "content", "body", "data"}


def kept(name: str) -> Json:
    certificate: Json = json.loads(gzip.decompress(_file(name).read_bytes()))
    return certificate


def keep(name: str, certificate: Json) -> None:
    content = json.dumps(certificate, ensure_ascii=False).encode()
    _file(name).write_bytes(gzip.compress(content, mtime=0))


def fields_of(value: Any, path: str = "") -> set[str]:
    """The paths of a certificate's fields, of a list's parts together; not within what is digested."""
    if isinstance(value, list):
        return {field for part in value for field in fields_of(part, path)}
    if not isinstance(value, dict):
        return {path}
    fields = {f"{path}.{key}" for key in value}
    parts = (fields_of(part, f"{path}.{key}") for key, part in value.items() if key not in _DIGESTED)
    return fields.union(*parts)


def _file(name: str) -> Path:
    return _FOLDER / f"{name}.json.gz"

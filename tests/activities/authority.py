"""A time-stamping authority on loopback: OpenSSL answers, a small server carries its answers."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_CONFIG = """
[ req ]
distinguished_name = name
[ name ]
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[ stamp ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ tsa ]
default_tsa = one
[ one ]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """``fault``: what it answers instead of a time stamp, as an HTTP status and a body."""

    folder: Path
    url: str = ""
    asked: int = 0
    fault: tuple[int, bytes] | None = field(default=None)

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        (self.folder / "query").write_bytes(query)
        openssl(
            "ts", "-reply", "-config", f"{self.folder}/cnf", "-queryfile", f"{self.folder}/query",
            "-out", f"{self.folder}/reply",
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()


def openssl(*words: str) -> str:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Its keys, certificates and server, in a folder of its own."""
    one = Authority(folder)
    (folder / "cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ("req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-config", f"{folder}/cnf", "-days", "30")  # fmt: skip
    root = (f"{folder}/root.key", f"{folder}/root.pem")
    openssl(*new, "-extensions", "root", "-subj", "/CN=Root", "-keyout", root[0], "-out", root[1])
    openssl(
        *new, "-extensions", "stamp", "-subj", "/CN=Authority", "-CA", root[1], "-CAkey", root[0],
        "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.pem",
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = one.fault or (200, one.answer(query))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_port}/tsa"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield one
    server.shutdown()
    thread.join()
    server.server_close()

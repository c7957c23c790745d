"""The ``choujian`` command as people and scripts see it: what it prints and its exit codes."""

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from law.vocabulary import Term
from local.commands import cli
from local.commands.tokens import ALGORITHM, ensure_keys
from local.embedded.ports import free_port

PORTS = ("CHOUJIAN_API_PORT", "CHOUJIAN_TEMPORAL_PORT", "CHOUJIAN_UI_PORT")


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


class Command(Protocol):
    def __call__(self, *words: str) -> Done: ...


@pytest.fixture
def choujian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The whole command in this process, on an empty data folder."""

    def call(*words: str) -> Done:
        monkeypatch.setenv("CHOUJIAN_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "argv", ["choujian", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Done(end.value.code, said.out, said.err)

    return call


def up(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``choujian up`` as a process of its own: it takes over signals."""
    return subprocess.run(
        [sys.executable, "-m", "local.commands.cli", "up"],
        env=os.environ | {"CHOUJIAN_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def claims_of(home: Path, token: str) -> dict[str, object]:
    public = OKPKey.import_key(json.loads((home / "issuer" / "public.jwk").read_text()))
    claims = jwt.decode(token.strip(), public, algorithms=[ALGORITHM]).claims
    expected = {"iss": "choujian-local", "aud": "choujian"}
    jwt.JWTClaimsRegistry(**{k: {"essential": True, "value": v} for k, v in expected.items()}).validate(
        claims
    )
    return claims


def test_token_is_verified_with_the_public_key(tmp_path: Path, choujian: Command) -> None:
    """Only the token is on stdout, and the public half of the key pair is enough to verify it."""
    ensure_keys(tmp_path)
    done = choujian("token", "officer", "--name", "王敏", "--sub", "hz-007", "--days", "2")
    claims = claims_of(tmp_path, done.stdout)
    assert (claims["role"], claims["name"], claims["sub"]) == ("officer", "王敏", "hz-007")
    assert claims["exp"] - claims["iat"] == 2 * 86400  # type: ignore[operator]
    assert "lab" not in claims


def test_only_laboratory_staff_carry_a_laboratory(tmp_path: Path, choujian: Command) -> None:
    ensure_keys(tmp_path)
    assert claims_of(tmp_path, choujian("token", "lab").stdout)["lab"] == "LAB-01"
    other = choujian("token", "lab", "--laboratory", "LAB-09")
    assert claims_of(tmp_path, other.stdout)["lab"] == "LAB-09"
    assert choujian("token", "officer", "--laboratory", "LAB-09").returncode == 2


def test_a_key_of_another_installation_does_not_verify(tmp_path: Path, choujian: Command) -> None:
    ensure_keys(tmp_path)
    ensure_keys(tmp_path / "other")
    token = choujian("token", "auditor").stdout
    with pytest.raises(BadSignatureError):
        claims_of(tmp_path / "other", token)


def test_where_no_system_is_a_token_is_refused_and_nothing_is_made(tmp_path: Path, choujian: Command) -> None:
    """In whatever folder one happens to stand: one sentence that says what to do."""
    done = choujian("token", "officer")
    assert (done.returncode, done.stdout) == (2, "")
    assert "请先运行 choujian up" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_place_named_for_the_key_gets_one_the_first_time(
    tmp_path: Path, choujian: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Compose's tool container does: the private half apart, the public one where the API reads it."""
    private = tmp_path / "apart" / "private.jwk"
    monkeypatch.setenv("CHOUJIAN_ISSUER_KEY", str(private))
    assert claims_of(tmp_path, choujian("token", "officer").stdout)["role"] == "officer"
    made = private.read_bytes()
    assert choujian("token", "lab").returncode == 0
    assert private.read_bytes() == made
    assert not (tmp_path / "issuer" / "private.jwk").exists()


def test_keys_are_made_once_and_the_private_one_is_closed(tmp_path: Path) -> None:
    public = ensure_keys(tmp_path)
    before = public.read_text()
    assert ensure_keys(tmp_path).read_text() == before
    assert "d" not in json.loads(before)
    assert stat.S_IMODE((public.parent / "private.jwk").stat().st_mode) == 0o600


@pytest.mark.parametrize("role", ["boss", "system", "Officer"])
def test_an_unknown_role_is_refused_in_one_sentence(choujian: Command, role: str) -> None:
    """``system`` is Choujian itself; nobody gets its token."""
    done = choujian("token", role)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"没有“{role}”这个角色" in done.stderr
    assert "officer（执法人员）" in done.stderr


def test_deadline_prints_the_same_fields_as_the_preview_call(tmp_path: Path, choujian: Command) -> None:
    done = choujian("deadline", "objection", "2026-09-18", "--json")
    answer = json.loads(done.stdout)
    assert answer["last_day"] == "2026-10-08"
    assert answer["closes_at"] == "2026-10-09T00:00:00+08:00"
    assert answer["provisional"] is False
    assert [day["number"] for day in answer["trace"]] == [None, *range(1, 16), *[None] * 5]
    assert not list(tmp_path.iterdir())


def test_deadline_explains_every_day_to_people(choujian: Command) -> None:
    done = choujian("deadline", "result_notice", "2026-02-11")
    assert done.returncode == 0
    assert "2026-02-14 周六" in done.stdout
    assert "最后一日：2026-02-25" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("whatever", "2026-09-18"), "没有“whatever”这个期限"),
        (("objection", "2026-02-30"), "不是日期"),
        (("objection", "2010-01-01"), "没有生效"),
        (("test_report", "2026-09-18"), "--days"),
        (("objection", "2026-09-18", "--days", "20"), "不能用 --days"),
        (("objection", "2090-01-01"), "2090"),
    ],
)
def test_deadline_says_what_is_wrong(choujian: Command, words: tuple[str, ...], said: str) -> None:
    done = choujian("deadline", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_is_the_verifier_that_stands_alone(choujian: Command) -> None:
    """The command only calls it: the same finding, the same exit codes."""
    kept = Path(__file__).parent.parent / "verify" / "certificates" / "late@1.json"
    done = choujian("verify", str(kept))
    assert (done.returncode, done.stdout[:4]) == (3, "前后一致")
    missing = choujian("verify", "nowhere.json")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "读不到文件 nowhere.json" in missing.stderr


def test_deadline_lists_every_term(choujian: Command) -> None:
    done = choujian("deadline", "whatever", "2026-09-18")
    assert all(term.value in done.stderr for term in Term)


@pytest.mark.parametrize("variable", PORTS)
def test_up_names_the_taken_port_and_its_variable(tmp_path: Path, variable: str) -> None:
    """Nothing is started, so nothing is left."""
    ports = {name: str(free_port()) for name in PORTS}
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(ports[variable])))
        other.listen()
        done = up(tmp_path, **ports)
    assert done.returncode == 1
    assert f"端口 {ports[variable]}" in done.stdout
    assert variable in done.stdout
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "stack.json").exists()


def test_up_wants_three_different_ports(tmp_path: Path) -> None:
    done = up(tmp_path, **dict.fromkeys(PORTS, str(free_port())))
    assert done.returncode == 1
    assert "CHOUJIAN_API_PORT" in done.stdout
    assert "CHOUJIAN_TEMPORAL_PORT" in done.stdout


def test_a_wrong_setting_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = up(tmp_path, CHOUJIAN_API_PORT="eight")
    assert done.returncode == 2
    assert "CHOUJIAN_API_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("part", "name", "value", "sentence"),
    [
        ("worker", "CHOUJIAN_PLATFORMS", "missing.yaml", "CHOUJIAN_PLATFORMS：读不了文件 missing.yaml"),
        ("worker", "CHOUJIAN_BOUNCES_URL", "pop3://u:geheim@h", "CHOUJIAN_BOUNCES_URL 应为 imaps://"),
        ("api", "CHOUJIAN_CARRIER_WORDS", "missing.yaml", "CHOUJIAN_CARRIER_WORDS：文件 missing.yaml 读不了"),
    ],
)
def test_a_part_does_not_start_with_a_faulty_setting(
    tmp_path: Path, part: str, name: str, value: str, sentence: str
) -> None:
    """One sentence and an exit code, before it waits for database and Temporal; no secret in it."""
    told = {
        "CHOUJIAN_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "CHOUJIAN_API_PORT": str(free_port()),
        name: value,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "local.commands.cli", part],
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in ended.stderr
    assert "geheim" not in ended.stderr

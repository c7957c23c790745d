"""``choujian demo`` on a running stack: every outcome is reached, and two batches go on waiting."""

import httpx
import pytest

from law.vocabulary import Outcome, Role
from local.commands.tokens import issue
from local.errors import CommandError
from local.scenarios import demo
from local.scenarios.beside import BESIDE
from settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Some decisions come in time, others later (202)."""
    return settings.model_copy(update={"decision_timeout_seconds": 0.05})


async def test_batches_reach_every_outcome_over_http(
    stack: None,  # noqa: ARG001 (running)
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nine outcomes; one reopened, one whose letters came back; of two open ones one is late; all told."""
    assert await demo.main(settings) == 0
    headers = {"Authorization": f"Bearer {issue(settings, Role.AUDITOR)}"}
    url = f"http://127.0.0.1:{settings.api_port}/batches"
    async with httpx.AsyncClient(trust_env=False, headers=headers) as auditor:
        batches = (await auditor.get(url)).json()["items"]
    ended = sorted(batch["outcome"] for batch in batches if batch["outcome"])
    assert ended == sorted([*Outcome, *(course.outcome for course in BESIDE)])
    assert sorted(batch["overdue"] for batch in batches if batch["outcome"] is None) == [False, True]
    said = capsys.readouterr().out
    assert all(f"/workflows/batch-{batch['batch_no']}" in said for batch in batches)
    assert "报告处室负责人" in said


async def test_a_stack_that_is_gone_is_said_in_one_sentence(settings: Settings) -> None:
    with pytest.raises(CommandError, match=rf"连接不上 API（http://127.0.0.1:{settings.api_port}）"):
        await demo.main(settings)


async def test_an_installation_in_earnest_is_left_alone(settings: Settings) -> None:
    """Batches of a demonstration would stay in its record for ever; there, time is not skipped."""
    with pytest.raises(CommandError, match="没有打开时间快进"):
        await demo.main(settings.model_copy(update={"time_skipping": False}))

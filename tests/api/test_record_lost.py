"""A batch whose steps were lost with a restored database, over HTTP."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.ledger import record
from store.reads import read_model
from tests.api.builders import eventually, ordered, step_example
from tests.store.builders import Kept, change, snapshot


@pytest.mark.usefixtures("working")
async def test_it_is_not_tried_what_would_follow(officer: httpx.AsyncClient, migrated: AsyncEngine) -> None:
    """The ledger is played for that: what is lost would be taken not to have happened."""
    batch_no = await ordered(officer)
    await eventually(officer, f"/batches/{batch_no}", lambda batch: batch.get("documents"))
    path = f"/batches/{batch_no}/steps/sealed?dry_run=true"
    assert (await officer.post(path, json=step_example("sealed"))).status_code == 200
    kept = Kept({"corrections": {"lost": ["00000000-0000-4000-8000-000000000000"]}})
    on_record = (await read_model.batch(migrated, batch_no)).snapshot.version
    lost = change(snapshot(batch_no, on_record + 1), kept=kept)
    await record.write(migrated, lost, time_skipping=False)
    answer = await officer.post(path, json=step_example("sealed"))
    assert (answer.status_code, answer.json()["code"]) == (409, "record_lost")

"""Checkpoints with their trees, as the API's process holds them."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from proof.checkpoints import Inclusion, inclusion_of, tree_of
from signing.merkle import Tree
from store.checkpoints import keeping
from store.checkpoints.keeping import BatchHead, Checkpoint
from store.errors import CheckpointUnknown


class Trees:
    """The one asked for last is held, for a tree is of all batches."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._held: tuple[int, tuple[BatchHead, ...], Tree] | None = None
        self._making = asyncio.Lock()

    async def inclusion(self, batch_no: str, no: int | None = None) -> Inclusion | None:
        """In the checkpoint of this number, or in the newest; None where the batch is in none.

        Raises ``CheckpointUnknown`` for a number that there is not.
        """
        try:
            checkpoint = await keeping.one(self._engine, no)
        except CheckpointUnknown:
            if no is None:
                return None
            raise
        heads, tree = await self._tree(checkpoint)
        return inclusion_of(batch_no, checkpoint.note, heads, tree)

    async def _tree(self, checkpoint: Checkpoint) -> tuple[tuple[BatchHead, ...], Tree]:
        async with self._making:
            if self._held is None or self._held[0] != checkpoint.no:
                heads = await keeping.heads_at(self._engine, checkpoint.no)
                self._held = (checkpoint.no, heads, await asyncio.to_thread(tree_of, heads))
            return self._held[1:]

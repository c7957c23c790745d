"""What the store refuses, as exceptions; the texts are for people."""

from uuid import UUID


class StoreError(Exception):
    """Base of everything the store refuses."""


class BatchUnknown(StoreError):
    def __init__(self, batch_no: str) -> None:
        super().__init__(f"没有编号为 {batch_no} 的批次")
        self.batch_no = batch_no


class KeyReused(StoreError):
    """The same idempotency key came with another request."""

    def __init__(self, key: UUID) -> None:
        super().__init__(f"幂等键 {key} 已用于另一项内容不同的提交")
        self.key = key


class DocumentUnknown(StoreError):
    def __init__(self, document_id: str) -> None:
        super().__init__(f"没有编号为 {document_id} 的文书")
        self.document_id = document_id


class CursorInvalid(StoreError):
    def __init__(self) -> None:
        super().__init__("分页游标无效，请从第一页重新查询")


class PeriodInvalid(StoreError):
    """A period that nothing can be listed for; the text says why."""


class NotStorable(StoreError):
    """Text that PostgreSQL cannot keep: NUL characters, lone surrogates, numbers that are none."""

    def __init__(self) -> None:
        super().__init__("内容中含有不能保存的字符（如空字符、不完整的代理字符）或非法数字")

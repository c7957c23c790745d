"""What the store refuses, as exceptions; the texts are for people."""

from datetime import date
from uuid import UUID

from law.calendar import chinese_day

# When something of the last hour has gone by: worth another try.
AGAIN_LATER_SECONDS = 900


class StoreError(Exception):
    """Base of everything the store refuses."""


class BatchUnknown(StoreError):
    def __init__(self, batch_no: str) -> None:
        super().__init__(f"没有编号为 {batch_no} 的批次")
        self.batch_no = batch_no


class KeyReused(StoreError):
    """The same idempotency key came with another request, or from another person."""

    def __init__(self, key: UUID) -> None:
        super().__init__(f"幂等键 {key} 已用于另一项提交，或者属于另一人")
        self.key = key


class TooMany(StoreError):
    """Too much came for one batch; ``seconds`` until it is worth coming again."""

    def __init__(
        self, seconds: int, words: str = "对本批次的提交过于频繁，或者尚有较多步骤等待答复，请稍后再提交"
    ) -> None:
        super().__init__(words)
        self.seconds = seconds


class TooManyOfOne(TooMany):
    """One account has filed too much within an hour, in whatever batches."""

    def __init__(self, what: str, most: int) -> None:
        words = f"您在一小时之内提交的{what}已满{most}项，请过一段时间再提交"
        super().__init__(AGAIN_LATER_SECONDS, words)


class DocumentUnknown(StoreError):
    def __init__(self, document_id: str) -> None:
        super().__init__(f"没有编号为 {document_id} 的文书")
        self.document_id = document_id


class MailUnknown(StoreError):
    def __init__(self, no: int) -> None:
        super().__init__(f"没有编号为 {no} 的来信")
        self.no = no


class DocumentWithdrawn(StoreError):
    """What was published is no longer shown: its time is over, or it rested on a wrong record.

    ``why``: in words for whoever kept its address.
    """

    def __init__(self, document_id: str, why: str) -> None:
        super().__init__(f"编号为 {document_id} 的公示信息不再展示：{why}")
        self.document_id, self.why = document_id, why


class AccountUnknown(StoreError):
    def __init__(self, sub: str) -> None:
        super().__init__(f"没有“{sub}”这个账号")
        self.sub = sub


class AccountExists(StoreError):
    """Its steps may be on record under this name, which therefore is never given to somebody else."""

    def __init__(self, sub: str) -> None:
        super().__init__(f"账号“{sub}”已经有了，或者所绑定的统一身份已用于另一账号")
        self.sub = sub


class AccountEnded(StoreError):
    def __init__(self, sub: str) -> None:
        super().__init__(f"账号“{sub}”已经停用，请先恢复")
        self.sub = sub


class LastAdministrator(StoreError):
    """Without one who can sign in, nobody could let anybody in any more."""

    def __init__(self) -> None:
        super().__init__(
            "没有其他能够登录的系统管理员，这个账号不能停用或者改作其他身份；"
            "请先邀请另一位系统管理员，等其设好登录方式"
        )


class DeputyUnknown(StoreError):
    def __init__(self) -> None:
        super().__init__("没有这一代理，或者已经收回")


class CheckpointUnknown(StoreError):
    def __init__(self, no: int | None) -> None:
        super().__init__("还没有检查点" if no is None else f"没有第{no}号检查点")


class CursorInvalid(StoreError):
    def __init__(self) -> None:
        super().__init__("分页游标无效，请从第一页重新查询")


class PeriodInvalid(StoreError):
    """A period that nothing can be listed for; the text says why."""


class NotStorable(StoreError):
    """Text that PostgreSQL cannot keep: NUL characters, lone surrogates, numbers that are none."""

    def __init__(self) -> None:
        super().__init__("内容中含有不能保存的字符（如空字符、不完整的代理字符）或非法数字")


class ImportUnknown(StoreError):
    def __init__(self, no: int) -> None:
        super().__init__(f"没有编号为 {no} 的放假安排导入")
        self.no = no


class VersionReused(StoreError):
    """A version's name stands for one content for good; a correction is another version."""

    def __init__(self, version: str) -> None:
        super().__init__(f"文号“{version}”已用于另一份内容不同的放假安排；更正的安排请写明更正的文号")
        self.version = version


class NothingToImport(StoreError):
    """The year is in force with this very content: no harm, and nothing to do."""

    def __init__(self, year: int, version: str) -> None:
        super().__init__(f"{year}年的放假安排内容与现行的（{version}）完全相同，无需导入")
        self.version = version


class ImportApprovedByProposer(StoreError):
    def __init__(self, no: int) -> None:
        super().__init__(f"第{no}号导入须由提出人以外的人批准")


class ImportSuperseded(StoreError):
    def __init__(self, no: int) -> None:
        super().__init__(f"第{no}号导入之后，同一年份已有更新的安排获批准，不能再批准本件")


class EvidenceUnknown(StoreError):
    def __init__(self, sha256: str) -> None:
        super().__init__(f"没有摘要为 {sha256} 的证据")


class EvidenceNotDue(StoreError):
    """Too early, or nothing is there: a batch is closed and its term is over before its files go."""

    def __init__(self) -> None:
        super().__init__("本批次没有可以处置的证据：批次办结、保存期届满之后方可处置")


class EvidenceHeld(StoreError):
    def __init__(self) -> None:
        super().__init__("本批次的证据已暂缓处置，解除之前一律保留")


class DisposalUnknown(StoreError):
    def __init__(self, number: str) -> None:
        super().__init__(f"没有文号为 {number} 的证据销毁证明")


class NothingHeld(StoreError):
    def __init__(self) -> None:
        super().__init__("本批次的证据没有暂缓处置")


class NothingProposed(StoreError):
    def __init__(self) -> None:
        super().__init__("本批次没有待批准的证据处置")


class DisposalByProposer(StoreError):
    def __init__(self) -> None:
        super().__init__("证据处置须由提出人以外的人批准")


class UploadUnknown(StoreError):
    """No such upload, another person's, or one that was given up or kept too long."""

    def __init__(self) -> None:
        super().__init__("没有这一上传，或者它已经过期、撤销，请重新上传")


class TooManyUploads(TooMany):
    """One person has too many files under way."""

    def __init__(self, most: int) -> None:
        words = f"您尚未传完的文件已满{most}个，请先传完或者撤销其中的一些"
        super().__init__(AGAIN_LATER_SECONDS, words)


class HolderChanged(StoreError):
    def __init__(self) -> None:
        super().__init__("经办人已经变了，请重新查看后再办理")


class EntryUnknown(StoreError):
    def __init__(self, code: str) -> None:
        super().__init__(f"没有代码为 {code} 的登记")


class EntryNotHeld(StoreError):
    """The entry begins later than the day asked for."""

    def __init__(self, code: str, on: date) -> None:
        super().__init__(f"代码为 {code} 的登记在{chinese_day(on)}尚未生效")


class EntryElsewhere(StoreError):
    """One legal person is one entry; it, or the code in another spelling, is there already."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"“{name}”或者这一代码的另一种写法已经登记，代码为 {code}；请改用该代码")
        self.code = code


class EntryChanged(StoreError):
    """Somebody else has changed it since whoever changes it now had it before him."""

    def __init__(self, code: str, seen: int, last: int) -> None:
        told = f"是第{seen}个" if seen else "没有登记"
        super().__init__(f"{code} 的登记已有第{last}个版本，所看到的{told}；请重新打开，在最近的版本上改")


class PlannedUnknown(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"没有编号为 {id_} 的抽检计划、实施方案或者委托")


class PlannedEnded(StoreError):
    def __init__(self, id_: str, on: date) -> None:
        super().__init__(f"{id_} 已于{chinese_day(on)}终止")


class PlannedSettled(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"委托 {id_} 已经批准，不能修改；需要变更的，终止它，或者另立一件替换它的委托")


class UnderApproval(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} 已经提交、正在审批；需要修改的，请先由审批人退回")


class NotSubmitted(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} 没有待审批的稿；被退回或者已经批准的，修改后再提交")


class DraftReplaced(StoreError):
    """What somebody decides on, or goes on from, is not what he had before him."""

    def __init__(self, id_: str, seen: int, last: int) -> None:
        super().__init__(f"{id_} 已有第{last}稿，所看到的是第{seen}稿；请重新打开，核对以后再办理")


class PlannedByDrafter(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} 须由起草、提交以外的人审批")


class ReasonMissing(StoreError):
    def __init__(self) -> None:
        super().__init__("调整已经批准的计划或者方案，须写明理由")


class RunUnknown(StoreError):
    def __init__(self, scheme_id: str, no: int) -> None:
        super().__init__(f"方案 {scheme_id} 没有编号为 {no} 的批量下达")


class PaperUnknown(StoreError):
    def __init__(self, id_: str, version: int) -> None:
        super().__init__(f"{id_} 的第{version}稿没有批准，没有版式文件")


class DrawUnknown(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"没有编号为 {id_} 的随机抽查")


class DrawCorrectedByProposer(StoreError):
    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} 的种子更正须由提出人以外的人确认")

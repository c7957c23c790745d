"""What is told of a piece of evidence."""

from datetime import datetime

from pydantic import Field

from api.views import View
from evidence.kinds import form_served_as
from law.vocabulary import EvidenceKind
from messages.base import Actor
from store.evidence.kept import Keeping, KeptEvidence


class KeepingView(View):
    """Who keeps a file from when on."""

    keeper: str = Field(title="保管人")
    reason: str = Field(title="理由")
    named_by: Actor = Field(title="指定人")
    at: datetime = Field(title="时间")


class EvidenceView(View):
    """A file that is kept whole."""

    batch_no: str = Field(title="批次编号")
    sha256: str = Field(title="SHA-256 摘要")
    sm3: str | None = Field(default=None, title="SM3 摘要（国密配置）")
    filename: str = Field(title="文件名")
    size: int = Field(title="大小（字节）")
    kind: EvidenceKind = Field(
        title="类型：recording 录像、录音；image 图片；pdf PDF 文件；office 办公文档；archive 压缩包"
    )
    media_type: str = Field(title="按内容识别的媒体类型")
    keeper: str = Field(title="现在的保管人")
    uploaded_by: Actor = Field(title="上传人")
    received_at: datetime = Field(title="入库时间")
    content: str | None = Field(title="内容的地址；已经处置的为空")


class OneEvidence(EvidenceView):
    """The same, with everybody who has kept it."""

    keepers: tuple[KeepingView, ...] = Field(title="历任保管人")
    reason_needed: bool = Field(title="查阅内容是否须写明理由")


def evidence_view(one: KeptEvidence) -> EvidenceView:
    return EvidenceView(
        batch_no=one.batch_no,
        sha256=one.sha256,
        sm3=one.sm3,
        filename=one.filename,
        size=one.size,
        kind=form_served_as(one.media_type).kind,
        media_type=one.media_type,
        keeper=one.keeper,
        uploaded_by=one.uploaded_by,
        received_at=one.received_at,
        content=None if one.is_disposed else f"/evidence/sha256:{one.sha256}/content?batch_no={one.batch_no}",
    )


def one_evidence(one: KeptEvidence, keepers: list[Keeping], *, reason_needed: bool) -> OneEvidence:
    return OneEvidence(
        **dict(evidence_view(one)),
        keepers=tuple(KeepingView.model_validate(keeping) for keeping in keepers),
        reason_needed=reason_needed,
    )

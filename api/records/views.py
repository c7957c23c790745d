"""How quality records are shown."""

from datetime import date, datetime
from urllib.parse import quote

from pydantic import Field

from api.views import Listing, View
from law.figures import Share, share
from law.quality import SubjectKind
from messages.quality import QualityEntry
from store.quality.reading import RecordedResult, RecordHead, RecordSummary, SaidBefore
from store.reads.pages import Page


class RecordSummaryView(View):
    """A record of a list."""

    key: str = Field(title="档案的标识：统一社会信用代码或者名称；商品为商标和规格型号")
    name: str = Field(title="名称")
    results: int = Field(title="现行的最终结果数")
    failed: int = Field(title="其中不合格的")
    last_failed_on: date | None = Field(title="最近一次不合格结果的确定日期")
    record: str = Field(title="档案的地址")


class SaidView(View):
    """What was said of a result at one time."""

    no: int = Field(title="第几次记载；最后一次为现行")
    at: datetime = Field(title="记载时间")
    rebuilt: bool = Field(title="是否由重建补记")
    entry: QualityEntry = Field(title="内容")


class ResultView(View):
    """The result of one batch, as it stands, and all that was said of it."""

    batch_no: str = Field(title="批次编号")
    batch: str = Field(title="批次的地址")
    holds: bool = Field(title="现行记载是否仍属于本档案；更正后不再属于的为 false，不计入")
    entry: QualityEntry = Field(title="在本档案中的最后一次记载")
    said: tuple[SaidView, ...] = Field(title="历次记载，先记载的在前")


class RecordView(Listing[ResultView]):
    """A record: whose it is, what it comes to, and its results, those of the newest batches first."""

    kind: SubjectKind = Field(title="seller 经营者；producer 生产者；product 商品；platform 平台")
    keys: tuple[str, ...] = Field(title="归入本档案的各个标识")
    names: tuple[str, ...] = Field(title="各批次所载的名称")
    nonconforming: Share = Field(title="现行的最终结果中不合格的：数目、比率及其95%置信区间（Wilson）")
    open_again: int = Field(title="正在复核、暂不计入的结果数")


def record_address(kind: SubjectKind, key: str) -> str:
    return f"/records/{kind}/{quote(key, safe='')}"


def summary_view(kind: SubjectKind, one: RecordSummary) -> RecordSummaryView:
    return RecordSummaryView(**vars(one), record=record_address(kind, one.key))


def record_view(
    kind: SubjectKind,
    head: RecordHead,
    page: Page[RecordedResult],
    said: dict[str, tuple[SaidBefore, ...]],
) -> RecordView:
    return RecordView(
        kind=kind,
        keys=head.keys,
        names=head.names,
        nonconforming=share(head.failed, head.results),
        open_again=head.open_again,
        items=tuple(_result(one, said[one.batch_no]) for one in page.items),
        next_cursor=page.next_cursor,
    )


def _result(one: RecordedResult, said: tuple[SaidBefore, ...]) -> ResultView:
    return ResultView(
        batch_no=one.batch_no,
        batch=f"/batches/{one.batch_no}",
        holds=one.holds,
        entry=one.entry,
        said=tuple(map(SaidView.model_validate, said)),
    )

"""The certificate as a page to print: A4, plain HTML, no script, nothing loaded from anywhere."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from html import escape
from importlib.resources import files

from api.certificates import wording
from api.web.headers import only, page_policy
from law.tracing import TraceDay
from law.vocabulary import WaitKind
from proof.certificates.models import Certificate, SignedCertificate
from signing.notes import PublicKey

_ONE_DAY = timedelta(days=1)
_SHORT = 12  # hexadecimal digits of a digest that has its full length in the JSON
_HOW_TO_CHECK = (
    "<p>核验：取得本证明的 JSON 文本（同一地址去掉 .html），在任何装有 Python 的机器上运行 "
    "<code>python verify/certificate.py 文件 --key 公钥</code>，不需要联网，也不需要本系统；由谁出具、"
    "成立与否及不成立之处即行显示。公钥应当从出具机关自己取得并与上文核对，不以本证明所附的为准。"
    "规程全文、放假安排、登记簿各条、有关记录全文和其余各条的摘要均载于该 JSON 文本。</p>"
)
_CSS = (files("api.certificates") / "page.css").read_text("utf-8")
POLICY = page_policy(styles=only(f"\n{_CSS}"))


def page_of(certificate: SignedCertificate, key: PublicKey, public_url: str) -> str:
    """The whole page; ``key`` is the one it is signed with, published at ``public_url``."""
    c, wait = certificate, certificate.wait
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>期限证明书 {_e(c.batch_no)} {_e(wait.title)}</title>
<style>
{_CSS}</style>
</head>
<body>
<header>
<p class="bureau">{_e(c.regulation.text["bureaus"]["municipal_bureau"])}</p>
<h1>期限证明书</h1>
<p class="about"><span>批次 {_e(c.batch_title)}</span>
<span>出具时间 {wording.moment(c.issued_at)}（北京时间，登记簿时钟）</span></p>
</header>
<section class="conclusion">
<h2>{_e(c.decision.title)}</h2>
<p>{_e(wait.title)}：{_e(wording.conclusion(c))}</p>
</section>
{_section("一、期限", _facts(_terms(c)))}
{_section("二、起算", "".join(_evidence(c)))}
{_section("三、逐日计算", _count(c))}
{_section("四、期限变动", _moves(c))}
{_section("五、审查的步骤和文书", _considered(c))}
{_section("六、全程记录", _record(c))}
{_section("七、电子签名", _signature(c, key, public_url))}
<footer>
<p class="signature"><span>出具人（签名）</span><span>（机关印章）</span>
<span>　　　　年　　月　　日</span></p>
{_HOW_TO_CHECK}
</footer>
</body>
</html>
"""


def _e(value: object) -> str:
    return escape(str(value))


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _facts(facts: Iterable[wording.Told]) -> str:
    rows = "".join(f"<div><dt>{_e(title)}</dt><dd>{_e(value)}</dd></div>" for title, value in facts)
    return f"<dl>{rows}</dl>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    head = "".join(f"<th>{_e(one)}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{_e(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table class='{kind}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _terms(c: Certificate) -> Iterable[wording.Told]:
    right = c.wait.kind == WaitKind.RIGHT
    yield "事项", f"{c.wait.title}（{c.wait.id}）"
    yield ("权利人" if right else "责任人"), c.wait.holder
    yield "规则", wording.rule(c)
    if c.wait.on_silence:
        yield "届满后果" if right else "逾期后果", c.wait.on_silence
    if c.run.earlier:
        said = f"第{len(c.run.earlier) + 1}次；此前各次自全程记录第{'、'.join(map(str, c.run.earlier))}条起"
        yield "第几次计算", said


def _evidence(c: Certificate) -> Iterable[str]:
    yield f"<p>起算日 <b>{c.trigger.starts_on}</b>，当日不计入。</p>"
    for title, facts in wording.evidence(c):
        yield f"<h3>{_e(title)}</h3>{_facts(facts)}"


def _count(c: Certificate) -> str:
    provisional = "<b>暂定：</b>所及年份的放假安排尚未公布，公布后重新计算。" if c.count.provisional else ""
    runs = list(_contiguous(c.count.days))
    later = "".join(
        f"<p>此后：{'；'.join(f'{one.day} {_e(one.note)}' for one in run)}。</p>" for run in runs[1:]
    )
    calendars = "；".join(
        f"{one.content['year']}年{'' if one.content['announced'] else '（暂定）'}，{one.version}，"
        f"SHA-256 {one.sha256[:_SHORT]}…"
        for one in c.arrangements
    )
    return (
        f"<p>{_e(c.count.explanation)}{provisional}</p>{_weeks(runs[0], c)}{later}"
        f"<p class='note'>工作日历：{_e(calendars) or '以年计算，不涉及工作日历'}。</p>"
    )


def _contiguous(days: Sequence[TraceDay]) -> Iterable[list[TraceDay]]:
    """The account cut where it jumps: a stay or an extension leaves days out."""
    run: list[TraceDay] = []
    for one in days:
        if run and one.day != run[-1].day + _ONE_DAY:
            yield run
            run = []
        run.append(one)
    yield run


def _weeks(days: Sequence[TraceDay], c: Certificate) -> str:
    """The days as a calendar, a week a row."""
    empty = ["<td></td>"] * days[0].day.weekday()
    cells = [*empty, *(_cell(one, last=one.day == c.count.last_day) for one in days)]
    cells += ["<td></td>"] * (-len(cells) % 7)
    rows = "".join(f"<tr>{''.join(cells[at : at + 7])}</tr>" for at in range(0, len(cells), 7))
    heads = "".join(f"<th>周{name}</th>" for name in "一二三四五六日")
    return f"<table class='weeks'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(one: TraceDay, *, last: bool) -> str:
    classes = ["last"] if last else []
    classes += [] if one.nature.is_working else ["rest"]
    day = f"{one.day.year}-{one.day:%m-%d}" if (one.day.month, one.day.day) == (1, 1) else f"{one.day:%m-%d}"
    return f"<td class='{' '.join(classes)}'><b>{day}</b><br>{_e(one.note)}</td>"


def _moves(c: Certificate) -> str:
    if not c.moves:
        return "<p>无。</p>"
    rows = [
        (
            str(one.seq),
            wording.moment(one.at),
            one.text,
            wording.person(one.actor.model_dump()),
            str(one.last_day),
        )
        for one in c.moves
    ]
    return _table(("记录", "时间", "内容和理由", "决定人", "届满日"), rows, "moves")


def _considered(c: Certificate) -> str:
    asked = []
    if c.ledger.asked_at is not None:
        asked.append(f"届满后于{wording.moment(c.ledger.asked_at)}查询登记簿。")
    if c.ledger.heard_until is not None:
        until = wording.moment(c.ledger.heard_until)
        asked.append(f"期限内交寄或递交、至{until}前到达并登记的，予以计入。")
    if not c.considered:
        return f"<p>{''.join(asked)}登记簿中没有可使本期限终结的步骤。</p>"
    rows = [
        (
            one.title,
            wording.filed(c, one),
            wording.moment(one.at),
            wording.recorded_by(c, one),
            wording.counted(c, one),
        )
        for one in c.considered
    ]
    table = _table(
        ("步骤或文书", "据以判断的日期", "登记或发出时间", "登记人", "是否计入及理由"), rows, "steps"
    )
    letters = "".join(f"<p>告知：{_e(letter)}。</p>" for letter in wording.told(c))
    return f"<p>{''.join(asked)}</p>{table}{letters}"


def _signature(c: SignedCertificate, key: PublicKey, public_url: str) -> str:
    where = f"<code>{_e(public_url.rstrip('/'))}/.well-known/choujian-keys.txt</code>"
    digest, _, line = c.signature.strip().rpartition("\n\n")
    return (
        f"<p>签名人 {_e(key.name)}，公钥编号 <b>{_e(key.id)}</b>（Ed25519），公布于 {where}。</p>"
        f"<p class='note'>公钥 <code>{_e(key)}</code>；所签为 JSON 文本（不含签名）的摘要 "
        f"<code>{_e(digest.rpartition(':')[2])}</code>；签名 <code>{_e(line.rpartition(' ')[2])}</code>。"
        f"{_checkpoint(c)}</p>"
    )


def _checkpoint(c: SignedCertificate) -> str:
    if c.checkpoint is None:
        return "出具时本批次的记录尚未固定于每日检查点。"
    *_, no, day, _before = c.checkpoint.note.partition("\n\n")[0].split("\n")
    return (
        f"本批次全程记录第1至{c.checkpoint.seq}条已固定于检查点第{_e(no.removeprefix('no '))}号"
        f"（{_e(day.removeprefix('day '))}），各检查点公布于本局网站“记录存证”。"
    )


def _record(c: Certificate) -> str:
    rows = [
        (
            str(line["seq"]),
            wording.moment(line["recorded_at"]),
            wording.person(line["actor"]),
            str(line["text"]),
            f"{line['hash'][:_SHORT]}…",
        )
        for line in c.chain.lines
    ]
    head = c.chain.head
    table = _table(("序号", "记录时间", "经办", "内容", "SHA-256"), rows, "lines")
    said = f"全程记录共{head['seq']}条，逐条带前一条的摘要；末条摘要"
    return f"{table}<p class='note'>{said} <code>{_e(head['hash'])}</code></p>"

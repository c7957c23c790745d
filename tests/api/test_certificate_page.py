"""The printed page of a certificate, of each kind that has words of its own."""

import pytest

from api.certificates.page import page_of
from proof.certificates.models import Certificate
from proof.certificates.signing import signed
from signing.keys import Keyring
from signing.notes import Signer
from tests.proof.kept import kept


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    ring = Keyring(tmp_path_factory.mktemp("keys"))
    ring.ensure("某市局")
    return ring.signer()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lapsed", "未行使权利，于"),
        ("late", "不计入：不在期限内；不予受理"),
        ("withdrawn", "不计入：在期限内，受理后由申请人撤回"),
        ("met", "（邮寄，邮戳日期）"),
        ("standing_still", "批次现已中止，期限停止计算"),
        ("missed_duty", "尚未履行，职责不因逾期而免除"),
        ("stayed", "此后："),
        ("guessed", "<b>暂定：</b>"),
        ("working_days", "周日，不计入"),
        ("announced", "公告"),
        ("delivery", "本机关内部时限，不是规程规定的期限"),
        ("late", "告知：逾期"),
        ("examined", "提交日期在期限内，届满后登记；受理审查，尚未决定"),
        ("set_aside", "查询登记簿，没有应当计入的步骤，依当时的登记"),
        ("set_aside", "审查决定恢复程序，该认定自此不再适用"),
        ("not_reopened", "未认定按期提交，不予恢复"),
        ("silent_again", "认定按期提交，程序恢复，后由申请人撤回"),
        ("examination", "本机关内部时限，不是规程规定的期限"),
        ("published_again", "第2次"),
    ],
)
def test_the_printed_page_says_it_in_words(name: str, said: str, signer: Signer) -> None:
    """What a judge reads without knowing any of this."""
    page = page_of(
        signed(Certificate.model_validate(kept(name)), signer), signer.public, "https://example.com"
    )
    assert said in page
    assert "None" not in page
    assert str(signer.public) in page
    assert "https://example.com/.well-known/choujian-keys.txt" in page

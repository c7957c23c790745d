"""What the settings say of the ways by which letters leave, and what is no setting."""

from pathlib import Path

import pytest

from activities.channels import port_for
from activities.outgoing import OutboxOnly, SmtpPort
from settings import SettingFaulty, Settings
from tests.activities.operators import SECRET

NAME = "示例电商平台"


def test_the_settings_choose_the_port() -> None:
    """With no SMTP configured nothing leaves by itself; a wrong address is refused in words."""
    assert isinstance(port_for(Settings()), OutboxOnly)
    assert isinstance(port_for(Settings(smtp_url="smtps://u:p%40w@mail.example:465")), SmtpPort)
    with pytest.raises(SettingFaulty, match="CHOUJIAN_SMTP_URL"):
        port_for(Settings(smtp_url="mail.example"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("name: x", "列表"),
        ("- {name: 平台", "不是 YAML"),
        ("- {name: 平台, url: 'https://p.example'}", "第1项的secret"),
        (f"- {{name: 平台, url: 'http://p.example', secret: {SECRET}}}", "https://"),
        (f"- {{name: 平台, url: 'https://p.example:letters', secret: {SECRET}}}", "不是网址"),
        (f"- {{name: 平台, url: '/letters', secret: {SECRET}}}", "网址"),
        (f"- {{name: 平台, url: 'https://u:p@p.example', secret: {SECRET}}}", "不含账号"),
        (f"- {{name: 平台, url: 'https://p.example', secret: {SECRET}, key: 1}}", "第1项的key"),
        ("- {name: 平台, url: 'https://p.example', secret: whsec_c2hvcnQ=}", "过短"),
        ("- {name: 平台, url: 'https://p.example', secret: 不是base64}", "Base64"),
        (f"- {{name: '', url: 'https://p.example', secret: {SECRET}}}", "第1项的name"),
        (f"- &a {{name: 平台, url: 'https://p.example', secret: {SECRET}}}\n- *a", "同名"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, content: str, why: str) -> None:
    """Whoever starts the worker reads what is wrong with it, and no secret."""
    file = tmp_path / "platforms.yaml"
    file.write_text(content, "utf-8")
    with pytest.raises(SettingFaulty, match=why) as refused:
        port_for(Settings(platforms=file))
    sentence = str(refused.value)
    assert sentence.startswith("CHOUJIAN_PLATFORMS：")
    assert "\n" not in sentence
    assert SECRET not in sentence
    assert "c2hvcnQ" not in sentence


def test_a_file_may_list_nobody(tmp_path: Path) -> None:
    """An empty file links nobody, nor does an empty variable (Compose's unset one); no file is refused."""
    file = tmp_path / "platforms.yaml"
    file.write_text("# 尚无平台接入\n", "utf-8")
    assert not port_for(Settings(platforms=file)).links(NAME)
    assert Settings(platforms="").platforms is None  # type: ignore[arg-type]
    with pytest.raises(SettingFaulty, match="读不了文件"):
        port_for(Settings(platforms=tmp_path / "missing.yaml"))

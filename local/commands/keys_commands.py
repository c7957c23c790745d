"""The commands about the installation's keys, as typer has them."""

import typer

from local.commands import finding
from local.errors import CommandError

keys_app = typer.Typer(help="签名密钥：建立、更换、查看；证据的根密钥：建立。", no_args_is_help=True)


@keys_app.command("ensure")
def keys_ensure() -> None:
    """还没有签名密钥、证据根密钥、动态口令密钥的，各建立一个；打印签名的公钥。"""
    from api.web.credentials import SecondFactors
    from evidence.keyring import RootKeys
    from signing.keys import Keyring

    settings = finding.of_environment()
    RootKeys(settings.evidence_keys_folder).ensure()
    SecondFactors(settings.sign_in_folder).ensure()
    typer.echo(Keyring(settings.signing_folder).ensure(settings.signer_name))


@keys_app.command("rotate")
def keys_rotate() -> None:
    """更换签名密钥：旧的私钥即行销毁，旧的公钥仍然公布，此前的签名继续有效。"""
    from signing.keys import Keyring

    settings = finding.of_environment()
    typer.echo(Keyring(settings.signing_folder).rotate(settings.signer_name))


@keys_app.command("rotate-evidence")
def keys_rotate_evidence() -> None:
    """更换证据的根密钥：各文件的密钥重新包裹，文件本身不动；中断的，再次运行即接着完成。"""
    from local.commands.rotating import rotate
    from local.settle import run

    settings = finding.of_stack()
    typer.echo(run(lambda: rotate(settings)))


@keys_app.command("show")
def keys_show() -> None:
    """全部公钥，最后一个是现在使用的；可以存为文件，供核验使用。"""
    from signing.keys import Keyring, NoSigningKey

    try:
        typer.echo(Keyring(finding.of_environment().signing_folder).published(), nl=False)
    except NoSigningKey as error:
        raise CommandError(f"文件夹 {error} 中没有签名密钥。") from None

"""Each day's checkpoint: all heads signed as one, stamped by an authority, mailed out of the house."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.outgoing import SmtpPort
from activities.stamping import Stamping
from settings import SettingFaulty, Settings
from signing import checkpoints
from signing.keys import Keyring
from signing.merkle import Tree
from signing.notes import Signer
from store.checkpoints import keeping
from store.checkpoints.keeping import Checkpoint, Draft, SignedDraft

_AT_A_TIME = 50


@dataclass(frozen=True)
class CheckpointMail:
    """To whom checkpoints are mailed, and by which server."""

    port: SmtpPort
    to: tuple[str, ...]


class Checkpointing:
    def __init__(
        self, engine: AsyncEngine, keyring: Keyring, stamping: Stamping | None, mail: CheckpointMail | None
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._stamping = stamping
        self._mail = mail

    @activity.defn(name="make_checkpoint")
    async def make(self) -> int | None:
        """Today's, unless it is there; gives its number. No batch waits for it: heads are only read."""
        signer = self._keyring.signer()
        # Its name stays whatever later keys are called.
        origin = self._keyring.public()[0].name
        return await keeping.make(self._engine, lambda draft: _sealed(draft, origin, signer))

    @activity.defn(name="stamp_checkpoints")
    async def stamp(self) -> int:
        """All that have no time stamp yet, each once; how many. Nothing where no authority is configured."""
        if self._stamping is None:
            return 0
        waiting = await keeping.unstamped(self._engine, _AT_A_TIME)
        for one in waiting:
            stamp = await self._stamping.stamp(one.note.encode())
            await keeping.keep_stamp(
                self._engine, one.no, authority=stamp.authority, token=stamp.token, stamped_at=stamp.at
            )
        return len(waiting)

    @activity.defn(name="mail_checkpoints")
    async def mail(self) -> int:
        """All that have not been mailed yet; how many. A crash may repeat one, under the same Message-ID."""
        if self._mail is None:
            return 0
        waiting = await keeping.unmailed(self._engine, _AT_A_TIME)
        for one in waiting:
            await self._mail.port.post(_letter(one, self._mail), f"checkpoint-{one.no}")
            await keeping.note_mailed(self._engine, one.no, self._mail.to)
        return len(waiting)


def mail_for(settings: Settings) -> CheckpointMail | None:
    """Where checkpoints are mailed. Raises ``SettingFaulty``."""
    to = tuple(settings.checkpoint_mail.split())
    if not to:
        return None
    if not settings.smtp_url:
        raise SettingFaulty("CHOUJIAN_CHECKPOINT_MAIL 需要同时设置 CHOUJIAN_SMTP_URL。")
    return CheckpointMail(SmtpPort(settings.smtp_url, settings.smtp_from), to)


def _sealed(draft: Draft, origin: str, signer: Signer) -> SignedDraft:
    root = Tree([checkpoints.leaf(head.batch_no, head.seq, head.hash) for head in draft.heads]).root
    said = checkpoints.lines(
        origin,
        size=len(draft.heads),
        root=root,
        no=draft.no,
        day=draft.day,
        before=draft.before,
    )
    return SignedDraft(root, signer.note(*said))


def _letter(one: Checkpoint, mail: CheckpointMail) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = mail.port.sender
    letter["To"] = ", ".join(mail.to)
    letter["Subject"] = f"抽检记录检查点第{one.no}号（{one.day}）"
    letter["Date"] = format_datetime(one.made_at)
    letter["Message-ID"] = f"<checkpoint-{one.no}@{mail.port.sender.rpartition('@')[2]}>"
    letter.set_content(
        f"{one.day}全部{one.size}个批次全程记录的末条已经固定并签名，所附文本即检查点。请保存本邮件："
        "其后有人改动此前的记录，凭它可以查出。\n"
    )
    # In base64, so that no server on its way touches an end of line.
    letter.add_attachment(one.note, filename=f"checkpoint-{one.no}.txt", cte="base64")
    return letter

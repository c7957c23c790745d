"""One batch from order to closing. ``run`` is the table of contents of the regulation."""

from contextlib import suppress

from workflows.batch.loop import Batch, Ended
from workflows.batch.recorder import Undone
from workflows.procedure import closing, publishing, referral, sampling, testing, windows


async def run(batch: Batch) -> None:
    """Go through the regulation; what is due is awaited, what follows is drawn."""
    until, follow = batch.until, batch.follow
    is_closed = False
    while not is_closed:  # §6  办结后仍可证明按期提交的申请，使批次恢复办理
        with suppress(Undone):  # 未能写入记录的，从已记录之处重新办理
            try:
                follow(sampling.begin)  # §3  下达任务、委托承检机构
                await until(sampling.is_sampled)  # §5  购样、收货、拆包查验、封样
                follow(testing.hand_over)  # §5  发出抽查检验通知书，交承检机构检验
                await until(testing.is_tested)  # §6  检验、提交报告、收取报告
                follow(windows.notify)  # §6  五个工作日内通知结果
                await until(windows.is_notified)  # §6  结果通知书全部发出
                follow(windows.await_objections)  # §6  等待送达和异议
                while not closing.is_final(batch.case):  # §6  恢复异议程序的，自此再来
                    await until(windows.is_settled)  # §6  异议、审批、复检
                    follow(publishing.conclude)  # §6  结果确定，予以公示
                    await until(publishing.is_published)  # §7  公示
                    follow(referral.refer_result)  # §7  不合格的，交办
                    await until(referral.is_referred)  # §7  签收、办结
                    await until(closing.is_answered)  # 规程第3节  各件文书的送达情况均已登记
            except Ended:
                pass  # 终止抽样或撤销批次：不再通知，直接办结
            follow(closing.close)  # §5  证据至少保存两年
            is_closed = await batch.finish()

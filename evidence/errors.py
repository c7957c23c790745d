"""Why an upload does not go on, beside what its bytes (``kinds``) and its file (``incoming``) say."""


class DiskLow(Exception):
    """There is not enough room for the file; nothing else is harmed."""


class OffsetDiffers(Exception):
    """What was sent does not go on where the file stands: ``received`` bytes have come."""

    def __init__(self, received: int) -> None:
        super().__init__()
        self.received = received


class TooLong(Exception):
    """More was sent than the file was said to have."""


class ChecksumDiffers(Exception):
    """A part is not what its sender says; nothing of it was taken."""


class DigestDiffers(Exception):
    """The whole file is not what its sender said; it was given up."""


class Interrupted(Exception):
    """No more comes on this line; what has come is kept, for another to go on."""

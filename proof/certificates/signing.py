"""Whose word a certificate is: a signed note of its digest, beside it."""

from proof.certificates.models import FORMAT, Certificate, SignedCertificate
from proof.checkpoints import Inclusion
from signing.notes import Signer
from store.canonical import canonical, sha256


def signed(
    certificate: Certificate, signer: Signer, checkpoint: Inclusion | None = None
) -> SignedCertificate:
    """The certificate as it is handed out; ``verify/certificate.py`` builds the same note anew.

    The checkpoint it is held against is a signed note itself, which this signature does not cover.
    """
    content = certificate.model_dump(mode="json")
    note = signer.note(FORMAT, certificate.batch_no, f"sha256:{sha256(canonical(content))}")
    return SignedCertificate(**dict(certificate), checkpoint=checkpoint, signature=note)

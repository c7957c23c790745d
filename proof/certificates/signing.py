"""Whose word a certificate is: a signed note of its digest, beside it."""

from proof.certificates.models import FORMAT, Certificate, SignedCertificate
from signing.notes import Signer
from store.canonical import canonical, sha256


def signed(certificate: Certificate, signer: Signer) -> SignedCertificate:
    """The certificate as it is handed out. ``verify/certificate.py`` builds the same note anew."""
    content = certificate.model_dump(mode="json")
    note = signer.note(FORMAT, certificate.batch_no, f"sha256:{sha256(canonical(content))}")
    return SignedCertificate(**dict(certificate), signature=note)

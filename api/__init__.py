"""The HTTP interface: one module per noun; the contract is in DESIGN."""

"""Encryption, signatures and secrets: the only importer of cryptography."""

"""SIKS Offline: the register of social aid, kept in a village without internet."""

__version__ = "0.1.0"

"""Pryvsite: a personal-data platform that speaks the Pryv API."""

__version__ = "0.1.0"

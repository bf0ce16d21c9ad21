"""The sessions of a Django site, traced request by request for the Sessions tab in DevTools."""

__version__ = "0.1.0"

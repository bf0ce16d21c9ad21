"""The package's commands for ``manage.py``."""

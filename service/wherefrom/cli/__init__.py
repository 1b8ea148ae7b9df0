"""The `wherefrom` command: one module a group of commands."""

from wherefrom.cli.app import main

__all__ = ["main"]

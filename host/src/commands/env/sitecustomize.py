"""Lets mem0's Python clients that are given no host ask memt: put this folder into PYTHONPATH.

Python runs this file at its start. It changes nothing until a program imports mem0's client."""
import importlib.abc
import importlib.util
import os
import sys

URL = os.environ.get("MEMT_URL")


def _redirect(module):
    for name in ("MemoryClient", "AsyncMemoryClient"):
        client = getattr(module, name, None)
        if client is None:
            continue

        def init(self, api_key=None, host=None, *rest, _original=client.__init__, **more):
            key = api_key or os.environ.get("MEM0_API_KEY")
            _original(self, key, host or URL, *rest, **more)

        client.__init__ = init


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "mem0.client.main":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _redirect(module)

        spec.loader.exec_module = exec_module
        return spec


if URL:
    sys.meta_path.insert(0, _Finder())

# Another file of this name, further down the path, runs too.
for _folder in sys.path:
    _other = os.path.join(_folder or ".", "sitecustomize.py")
    if os.path.isfile(_other) and not os.path.samefile(_other, __file__):
        with open(_other) as _source:
            exec(compile(_source.read(), _other, "exec"))
        break

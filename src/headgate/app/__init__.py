"""The composition root: the only package that names concrete adapters, and the processes they run in."""

"""llama.cpp's own server (`xllamacpp`) with a model that is written here, in a process of its own: `python -m tests.e2e.llama_server FOLDER`.

It prints its address and serves until its standard input ends.
"""

import sys
from pathlib import Path

import xllamacpp

from tests.e2e.bigram_model import CONTEXT, write_model


def main(folder: str) -> None:
    """Write the model, serve it, say where."""
    path = Path(folder) / "bigram.gguf"
    write_model(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {"bigram"}
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.n_gpu_layers = 0
    params.warmup = False
    params.use_jinja = True
    params.port = 0
    server = xllamacpp.Server(params)
    print(f"address {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

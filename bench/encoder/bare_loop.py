"""Encodes texts with ONNX Runtime and nothing around it: the reference of the encoder.

It runs in a process of its own: `python -m bench.encoder.bare_loop BUNDLE TEXTS THREADS SECONDS`,
where TEXTS is a file with a JSON array. All texts are sorted by their number of tokens and
encoded in batches of `BATCH`, again and again for SECONDS. It prints a JSON object.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

BATCH = 32


def main(bundle: Path, texts: list[str], threads: int, seconds: float) -> dict[str, float]:
    """Texts per second, and microseconds of processor time per text, after a pass to warm up."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest["max_tokens"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(
        str(bundle / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    names = {one.name for one in session.get_inputs()}
    prompt, pad = manifest["prompts"]["document"], manifest["pad_token_id"]

    def encode() -> None:
        ids = [one.ids for one in tokenizer.encode_batch_fast([prompt + text for text in texts])]
        ids.sort(key=len)
        for first in range(0, len(ids), BATCH):
            some = ids[first : first + BATCH]
            tokens = np.full((len(some), len(some[-1])), pad, dtype=np.int64)
            mask = np.zeros_like(tokens)
            for row, one in enumerate(some):
                tokens[row, : len(one)] = one
                mask[row, : len(one)] = 1
            feed = {"input_ids": tokens, "attention_mask": mask}
            if "token_type_ids" in names:
                feed["token_type_ids"] = np.zeros_like(tokens)
            session.run(["embedding"], feed)

    encode()
    passes, began, cpu = 0, time.perf_counter(), time.process_time()
    while passes == 0 or time.perf_counter() - began < seconds:
        encode()
        passes += 1
    count = passes * len(texts)
    return {
        "texts_per_s": count / (time.perf_counter() - began),
        "cpu_us_per_text": (time.process_time() - cpu) / count * 1e6,
    }


if __name__ == "__main__":
    arguments = sys.argv[1:]
    given = json.loads(Path(arguments[1]).read_text())
    print(json.dumps(main(Path(arguments[0]), given, int(arguments[2]), float(arguments[3]))))

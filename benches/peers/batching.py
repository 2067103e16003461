"""FastAPI and ONNX Runtime with dynamic batching: POST /score {"text": ...}.

PEER_MODEL is the file, PEER_TOKENIZER the tokenizer.json. Whatever waits when the session is free goes
in one batch, texts of like length together, up to PEER_BATCH_TOKENS with padding; nobody waits for
company.
"""

import asyncio
import os
from contextlib import asynccontextmanager

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

BATCH_TOKENS = int(os.environ.get("PEER_BATCH_TOKENS", "2048"))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = os.cpu_count() or 1
session = onnxruntime.InferenceSession(
    os.environ["PEER_MODEL"], options, providers=["CPUExecutionProvider"]
)
tokenizer = Tokenizer.from_file(os.environ["PEER_TOKENIZER"])
tokenizer.enable_truncation(512)
tokenizer.no_padding()
waiting: list[tuple[list[int], asyncio.Future]] = []
arrived = asyncio.Event()


def run(rows: list[list[int]]) -> np.ndarray:
    length = max(map(len, rows))
    ids = np.zeros((len(rows), length), dtype=np.int64)
    mask = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


def take() -> list[tuple[list[int], asyncio.Future]]:
    """The first that came, and those nearest to it in length."""
    first = waiting[0]
    near = sorted(waiting, key=lambda entry: abs(len(entry[0]) - len(first[0])))
    batch, longest = [], 0
    for entry in near:
        longest = max(longest, len(entry[0]))
        if batch and longest * (len(batch) + 1) > BATCH_TOKENS:
            break
        batch.append(entry)
    for entry in batch:
        waiting.remove(entry)
    return batch


async def work() -> None:
    while True:
        await arrived.wait()
        while waiting:
            batch = take()
            logits = await asyncio.to_thread(run, [ids for ids, _ in batch])
            for (_, future), row in zip(batch, logits):
                future.set_result(row)
        arrived.clear()


@asynccontextmanager
async def lifespan(_: FastAPI):
    worker = asyncio.create_task(work())
    yield
    worker.cancel()


app = FastAPI(lifespan=lifespan)


class Request(BaseModel):
    text: str


@app.post("/score")
async def score(request: Request) -> dict:
    future = asyncio.get_running_loop().create_future()
    waiting.append((tokenizer.encode(request.text).ids, future))
    arrived.set()
    row = await future
    weights = np.exp(row - row.max())
    best = int(row.argmax())
    return {"label": best, "score": float(weights[best] / weights.sum())}

"""FastAPI and Hugging Face's pipeline: POST /score {"text": ...}.

PEER_MODEL is the folder, PEER_DTYPE float32 or bfloat16. One forward at a time on all cores: several
at once, each on all cores, were slower.
"""

import os
import threading

import torch
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

torch.set_num_threads(os.cpu_count() or 1)
classify = pipeline(
    "sentiment-analysis", model=os.environ["PEER_MODEL"], device="cpu",
    torch_dtype=getattr(torch, os.environ.get("PEER_DTYPE", "float32")),
)
alone = threading.Lock()
app = FastAPI()


class Request(BaseModel):
    text: str


@app.post("/score")
def score(request: Request) -> dict:
    with alone:
        return classify(request.text, truncation=True, max_length=512)[0]

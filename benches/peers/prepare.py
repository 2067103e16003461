"""Makes the models of the peers from the weights of the service.

prepare.py MODEL OUT: MODEL is models/heartstrings-en; OUT gets bert/ and distilbert/ for Hugging
Face's pipeline, fp32.onnx and int8.onnx for ONNX Runtime. The heads are random: they cost nothing,
and here only speed is measured.
"""

import sys
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
)

LABELS = 5


def tokenizer_of(model: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(model / "tokenizer.json")),
        model_max_length=512, model_input_names=["input_ids", "attention_mask"],
        pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]",
        mask_token="[MASK]",
    )


def main(model: Path, out: Path) -> None:
    torch.manual_seed(1)
    bert = BertForSequenceClassification(BertConfig.from_pretrained(model, num_labels=LABELS))
    weights = {f"bert.{name}": tensor.float()
               for name, tensor in load_file(model / "model.safetensors").items()}
    missing, _ = bert.load_state_dict(weights, strict=False)
    assert all(name.startswith(("classifier.", "bert.pooler.")) for name in missing), missing
    distilbert = DistilBertForSequenceClassification(DistilBertConfig(num_labels=LABELS))
    for name, network in (("bert", bert), ("distilbert", distilbert)):
        network.eval().save_pretrained(out / name)
        # DistilBERT knows no token types, and BERT does without them.
        tokenizer_of(model).save_pretrained(out / name)
    example = {"input_ids": torch.ones(2, 16, dtype=torch.long),
               "attention_mask": torch.ones(2, 16, dtype=torch.long)}
    torch.onnx.export(
        bert, (example,), str(out / "fp32.onnx"), input_names=list(example),
        output_names=["logits"], opset_version=17,
        dynamic_axes={name: {0: "batch", 1: "length"} for name in example},
    )
    quantize_dynamic(out / "fp32.onnx", out / "int8.onnx", weight_type=QuantType.QInt8)
    (out / "done").write_text("")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

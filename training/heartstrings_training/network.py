"""The network: an encoder, means over tokens, linear heads.

The heads are linear and read the mean of token vectors, so one pass of the encoder scores a window
(the mean over all its tokens) and each sentence in it (the mean over that sentence's tokens).

The student, which is shipped, has a BERT encoder. The teacher, which is not, has an MPNet encoder;
both cut text into the same pieces, so that the teacher can read the student's rows.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel, PretrainedConfig

from .labels import AFFECT, EMOTIONS, INTENSITY, SENTIMENTS, TAGS

#: Outputs of each head, by the name that its weights have in the exported file.
HEADS = {"stars": 5, "emotions": len(EMOTIONS), "affect": len(AFFECT), "intensity": len(INTENSITY),
         "mixed": 1}
#: Heads of aspects: `tags` reads each token's vector, `aspects` the mean over a marked span.
ASPECT_HEADS = {"tags": len(TAGS), "aspects": len(SENTIMENTS)}


#: Rows longer than this train faster with flash attention, shorter ones with plain matrix
#: products (7,600 against 4,400 tokens/s at 96 tokens, 4,000 against 4,600 at 250).
LONG = 160
#: [PAD], [UNK], [CLS], [SEP] and [MASK] of BERT's vocabulary in MPNet's.
MPNET_SPECIAL = {0: 1, 100: 3, 101: 0, 102: 2, 103: 30_526}


class Network(nn.Module):
    """Encoder and heads. Heads give logits; all but the stars are read through a sigmoid.

    bf16: whether the encoder computes in bfloat16 (weights stay in fp32, and so do the heads).
    """

    bf16 = False

    def __init__(self, config: PretrainedConfig) -> None:
        super().__init__()
        kind = MPNetModel if isinstance(config, MPNetConfig) else BertModel
        self.encoder = kind(config, add_pooling_layer=False)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(config.hidden_size, size) for name, size in (HEADS | ASPECT_HEADS).items()}
        )

    def hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token vectors of shape (rows, length, hidden)."""
        if isinstance(self.encoder, MPNetModel):
            ids = mpnet_ids(ids)
        attention = SDPBackend.FLASH_ATTENTION if ids.shape[1] > LONG else SDPBackend.MATH
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16), sdpa_kernel(attention):
            return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()

    def pooled(self, ids: Tensor, mask: Tensor, spans: Tensor) -> Tensor:
        """The mean of the token vectors of each span, shape (spans, hidden).

        ids, mask: (rows, length). spans: (n, 3) of row, first token, past the last token.
        """
        return means(self.hidden(ids, mask), spans)

    def forward(self, ids: Tensor, mask: Tensor, spans: Tensor,
                aspects: Tensor | None = None) -> dict[str, Tensor]:
        """Logits of each head for each span, shape (spans, outputs). Takes what `pooled` takes.

        aspects: (m, 3), marked spans in the form of `spans`; m may be 0. When it is given, the heads of
        aspects speak too: `tags` (rows, length, 7), `aspects` (m, 3), and `token_aspects` (rows, length, 3), whose mean over
        a span is what `aspects` says of it.
        """
        hidden = self.hidden(ids, mask)
        outputs = self.read(hidden, spans)
        if aspects is not None:
            outputs["tags"] = self.heads["tags"](hidden)
            outputs["token_aspects"] = self.heads["aspects"](hidden)
            outputs["aspects"] = means(outputs["token_aspects"], aspects)
        return outputs

    def read(self, hidden: Tensor, spans: Tensor) -> dict[str, Tensor]:
        """Logits of each head for each span, from token vectors."""
        vectors = means(hidden, spans)
        return {name: self.heads[name](vectors) for name in HEADS}


def means(hidden: Tensor, spans: Tensor) -> Tensor:
    """The mean of the token vectors of each span, shape (spans, hidden).

    hidden: (rows, length, hidden). spans: (n, 3) of row, first token, past the last token.
    """
    sums = torch.cat([hidden.new_zeros(hidden.shape[0], 1, hidden.shape[2]), hidden.cumsum(dim=1)], dim=1)
    row, start, end = spans.unbind(dim=1)
    return (sums[row, end] - sums[row, start]) / (end - start).unsqueeze(1)


def mpnet_ids(ids: Tensor) -> Tensor:
    """Ids of BERT's vocabulary as MPNet's: four special pieces stand before the same list."""
    moved = ids + 4
    for bert, mpnet in MPNET_SPECIAL.items():
        moved[ids == bert] = mpnet
    return moved


def load_base(folder: str) -> Network:
    """The base encoder of a Hugging Face folder with fresh heads.

    Dropout is off: the run sees most texts once, so there is nothing to overfit to, and the
    encoder is faster without it.
    """
    model_type = json.loads((Path(folder) / "config.json").read_text())["model_type"]
    config_of, encoder_of = {"bert": (BertConfig, BertModel),
                             "mpnet": (MPNetConfig, MPNetModel)}[model_type]
    config = config_of.from_pretrained(folder)
    config.hidden_dropout_prob = 0.0
    config.attention_probs_dropout_prob = 0.0
    if model_type == "bert":
        config._attn_implementation = "sdpa"
    network = Network(config)
    base = encoder_of.from_pretrained(folder, add_pooling_layer=False)
    network.encoder.load_state_dict(base.state_dict(), strict=False)
    return network


def start_from(network: Network, path: Path) -> None:
    """Takes the weights of an earlier run: a checkpoint, or an exported `model.safetensors`.

    A head that the earlier network did not have stays as it was made; anything else that is
    missing is an error.
    """
    if path.suffix == ".safetensors":
        state = {
            name if name.startswith("heads.") else f"encoder.{name}": tensor.float()
            for name, tensor in load_file(path).items()
        }
    else:
        state = torch.load(path, weights_only=True)["network"]
    missing, unexpected = network.load_state_dict(state, strict=False)
    lost = [name for name in missing if not name.startswith("heads.")]
    if lost or unexpected:
        raise SystemExit(f"{path} is of another network: it lacks {lost}, and has {unexpected}")


def freeze(network: Network, layers: int) -> None:
    """Leaves the embeddings and the lowest layers of the encoder as they are: what they know is
    general, and not training them saves time. So does what MPNet adds to the attention of all layers alike,
    or the errors would be carried down to the lowest of them for its sake."""
    lowest = [f"encoder.layer.{index}." for index in range(layers)]
    for name, parameter in network.encoder.named_parameters():
        if name.startswith(("embeddings.", "encoder.relative_attention_bias.", *lowest)):
            parameter.requires_grad_(False)


def has_bf16() -> bool:
    """Whether this processor multiplies in bfloat16 faster than in fp32."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii")
    except OSError:
        return False

"""A causal language model from a folder, as extraction asks it: encode, continue, and the probability of a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wherefrom_indexer.errors import UsageError

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")


class CausalModel:
    """A model and its own tokenizer, in float32 on the CPU; nothing is fetched and no code of the folder is run."""

    def __init__(self, folder: Path) -> None:
        """Load it.

        Raises:
            UsageError: the packages are not installed, the folder has no weights or no tokenizer, or the tokenizer has
                more entries than the model.
        """
        _check(folder)
        try:
            import torch
            import transformers
        except ImportError as error:
            raise UsageError('Extraction needs torch and transformers: pip install "wherefrom[models]".') from error
        self._torch: Any = torch
        self._transformers: Any = transformers
        transformers.utils.logging.disable_progress_bar()  # the command has its own
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, dtype=torch.float32
            ).eval()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise UsageError(f"Cannot load the model in {folder}: {str(error).splitlines()[0]}") from error
        if not self._tokenizer.is_fast:
            raise UsageError(
                f"The tokenizer in {folder} has no tokenizer.json: save a fast tokenizer beside the model."
            )
        rows = self._model.get_input_embeddings().weight.shape[0]
        if len(self._tokenizer) > rows:
            raise UsageError(
                f"The tokenizer in {folder} has {len(self._tokenizer):,} entries and the model {rows:,}: they do not"
                " belong together."
            )
        self.parameters = sum(int(each.numel()) for each in self._model.parameters())
        self.context: int | None = getattr(self._model.config, "max_position_embeddings", None)

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The tokens of a text without special ones, and the code points of each."""
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return encoded["input_ids"], encoded["offset_mapping"]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, special ones included."""
        return str(self._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def greedy(self, prompts: Sequence[Sequence[int]], tokens: int) -> list[list[int]]:
        """The most likely next token again and again; what follows an end token is filling.

        Args:
            prompts: all of one length.
            tokens: how many to give.
        """
        return self._generate(prompts, tokens, do_sample=False)

    def sampled(
        self, prompts: Sequence[Sequence[int]], tokens: int, samples: int, top_k: int, temperature: float, seed: int
    ) -> list[list[list[int]]]:
        """Several sampled continuations of each prompt; the random numbers of the caller are left as they are."""
        with self._torch.random.fork_rng(devices=[]):
            self._torch.manual_seed(seed)
            flat = self._generate(
                prompts,
                tokens,
                do_sample=True,
                top_k=top_k,
                top_p=1.0,
                temperature=temperature,
                num_return_sequences=samples,
            )
        return [flat[start : start + samples] for start in range(0, len(flat), samples)]

    def log_probabilities(
        self, prompts: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], top_k: int, temperature: float
    ) -> list[float]:
        """The natural logarithm of p_z, the chance that top-k sampling gives `wanted` after its prompt.

        One forward pass over both; -inf where a token is not among the k most likely.
        Source: Hayes et al. (arXiv 2410.19482).
        """
        torch = self._torch
        ids = torch.tensor([[*prompt, *rest] for prompt, rest in zip(prompts, wanted, strict=True)])
        first = len(prompts[0])
        with torch.no_grad():
            logits = self._model(input_ids=ids).logits[:, first - 1 : -1].double() / temperature
        targets = ids[:, first:].unsqueeze(-1)
        least = logits.topk(min(top_k, logits.shape[-1]), dim=-1).values[..., -1:]
        kept = logits.masked_fill(logits < least, -torch.inf)
        chosen = kept.log_softmax(-1).gather(-1, targets).squeeze(-1)
        return [min(0.0, float(total)) for total in chosen.sum(-1)]

    def _generate(self, prompts: Sequence[Sequence[int]], tokens: int, **settings: Any) -> list[list[int]]:
        torch = self._torch
        ids = torch.tensor([list(prompt) for prompt in prompts])
        end = self._model.config.eos_token_id
        filling = end[0] if isinstance(end, list) else end
        # The folder's own settings of generation (a penalty of repetition, say) would measure something else.
        config = self._transformers.GenerationConfig(
            max_new_tokens=tokens,
            num_beams=1,
            eos_token_id=end,
            pad_token_id=0 if filling is None else filling,
            **settings,
        )
        self._model.generation_config = config
        with torch.no_grad():
            given = self._model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        return [[int(token) for token in row[ids.shape[1] :]] for row in given]


def fingerprint(folder: Path) -> list[list[Any]]:
    """The files of a model as a run that goes on must find them again: names, bytes and times of change."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in files]


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}: give the folder of a model saved by transformers.")
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} has no readable config.json: give the folder of a model.") from error
    if not any(next(folder.glob(pattern), None) for pattern in _WEIGHTS):
        raise UsageError(f"{folder} has no weights: neither model.safetensors nor pytorch_model.bin is there.")

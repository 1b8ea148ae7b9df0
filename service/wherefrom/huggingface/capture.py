"""What a model computes while it writes: caught by a hook, so that no distribution is held longer than its token needs.

`generate` would keep the logits of all steps; of a vocabulary of 150,000 and a thousand tokens these are 600 MB.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One token, as it was chosen.

    Attributes:
        top: ids of the likeliest tokens and the logarithms of their probabilities.
    """

    id: int
    log_probability: float
    entropy: float
    top: tuple[tuple[int, float], ...]


class Capture:
    """Sees the logits of each step, by a hook on the model, and the token that follows, as a streamer does."""

    def __init__(self, torch: Any, top: int) -> None:
        """`top`: alternatives of each token that are kept."""
        self._torch = torch
        self._top = top
        self._logits: Any = None
        self._is_prompt = True
        self.steps: list[Step] = []
        self.first_token_ns: int | None = None

    def hook(self, module: Any, inputs: Any, output: Any) -> None:
        """Take the logits of the last place; a forward hook."""
        logits = getattr(output, "logits", None)
        if logits is not None:
            self._logits = logits[0, -1].detach()

    def put(self, value: Any) -> None:
        """Take what `generate` streams: the prompt, then a token at a time."""
        if self._is_prompt:
            self._is_prompt = False
            return
        if self.first_token_ns is None:
            self.first_token_ns = time.time_ns()
        for token in value.reshape(-1).tolist():
            self._step(token)

    def end(self) -> None:
        """`generate` calls it last."""
        self._logits = None

    def _step(self, token: int) -> None:
        torch = self._torch
        logarithms = self._logits.float().log_softmax(-1)
        probabilities = logarithms.exp()
        # A token without any chance adds nothing, while 0 * -inf is no number.
        entropy = -torch.where(probabilities > 0, probabilities * logarithms, 0.0).sum()
        values, ids = logarithms.topk(min(self._top, logarithms.shape[-1]))
        top = zip(ids.tolist(), values.tolist(), strict=True)
        self.steps.append(
            Step(
                token,
                float(logarithms[token]),
                float(entropy),
                tuple((id_, value) for id_, value in top if value > -torch.inf),
            )
        )

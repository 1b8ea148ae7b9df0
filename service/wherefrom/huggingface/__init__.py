"""Traces of models that run in this process by transformers: `generate_traced` instead of `model.generate`.

from wherefrom.huggingface import generate_traced

generation = generate_traced(model, tokenizer, "How does it begin?", max_new_tokens=200)
print(generation.text)
"""

from wherefrom.huggingface.generation import GeneratedToken, Generation
from wherefrom.huggingface.tracing import ADDRESS, generate_traced

__all__ = ["ADDRESS", "GeneratedToken", "Generation", "generate_traced"]

"""The word pieces of the start model that our texts use: the others would only make the file larger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def trimmed(folder: Path, texts: Iterable[str]) -> tuple[Tokenizer, list[int]]:
    """A tokenizer of the pieces that the texts use and all single characters, and their rows in the start model."""
    vocabulary = Path(folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    rows = {piece: row for row, piece in enumerate(vocabulary) if piece}
    whole = _tokenizer(rows)
    seen: set[int] = set()
    for text in texts:
        seen.update(whole.encode(text, add_special_tokens=False).ids)
    kept = [
        row
        for piece, row in rows.items()
        if row in seen or piece in _SPECIAL or (len(piece.removeprefix("##")) == 1 and piece.isascii())
    ]
    return _tokenizer({vocabulary[row]: new for new, row in enumerate(kept)}), kept


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(list(_SPECIAL))
    return tokenizer

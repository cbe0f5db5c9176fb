"""The trained tagger: one small encoder that marks drugs and conditions and weighs what stands between them.

    sentences -> windows of word pieces -> encoder -> spans, and a probability for every pair of them

It needs onnxruntime, tokenizers and numpy, and the files that `python -m training.train` writes into `data/`.
"""

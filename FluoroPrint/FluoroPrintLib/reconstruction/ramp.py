"""Ramp filter along the rows of frames, apodised."""

from __future__ import annotations

import numpy as np
from scipy import fft

from ..arrays import Float32Array, Float64Array
from ..threads import processors

WINDOWS = ("ram-lak", "shepp-logan", "cosine", "hamming", "hann")


def ramp_response(length: int, window: str, cutoff: float) -> Float32Array:
    """Return the frequency response of the apodised ramp for rows padded to `length`.

    The ramp is the transform of the band-limited kernel in space (Kak and Slaney 1988, eq. 3.61), which
    keeps the mean right where a sampled |f| does not.

    Parameters
    ----------
    length : even number of samples
    window : one of `WINDOWS`
    cutoff : where the window ends, as a share of the Nyquist frequency; nothing passes beyond

    Returns
    -------
    (length // 2 + 1,) response; a sample is a pixel, frequencies in cycles per pixel
    """
    place = np.minimum(np.arange(length), length - np.arange(length)).astype(float)
    kernel = np.zeros(length)
    kernel[0] = 0.25
    odd = place % 2 == 1
    kernel[odd] = -1 / (np.pi * place[odd]) ** 2
    share = np.arange(length // 2 + 1) / (length / 2) / cutoff
    response: Float32Array = (np.fft.rfft(kernel).real * _window(share, window)).astype(np.float32)
    return response


def _window(share: Float64Array, window: str) -> Float64Array:
    shape = {
        "ram-lak": np.ones_like(share),
        "shepp-logan": np.sinc(share / 2),
        "cosine": np.cos(np.pi / 2 * share),
        "hamming": 0.54 + 0.46 * np.cos(np.pi * share),
        "hann": 0.5 + 0.5 * np.cos(np.pi * share),
    }[window]
    return np.where(share <= 1, shape, 0.0)


def filter_rows(frames: Float32Array, response: Float32Array) -> Float32Array:
    """Filter every row; zeros are taken beyond both edges.

    Parameters
    ----------
    frames : (V, rows, columns)
    response : from `ramp_response`; its length gives the padded length

    Returns
    -------
    (V, rows, columns) float32
    """
    length, workers = 2 * (len(response) - 1), processors()
    spectrum = fft.rfft(frames, length, axis=2, workers=workers)
    spectrum *= response
    filtered: Float32Array = fft.irfft(spectrum, length, axis=2, workers=workers, overwrite_x=True)
    return filtered[:, :, : frames.shape[2]]


def padded_length(columns: int) -> int:
    """Return an even length, quick to transform, at which rows do not wrap onto themselves."""
    half: int = fft.next_fast_len(columns, real=True)
    return 2 * half
